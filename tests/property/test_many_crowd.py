# SPDX-License-Identifier: Apache-2.0
"""The bulk path over a crowd, where many members share a shape and few share their dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import privity
from privity.sources.synthetic.network import make_network

EXAMPLE = Path("examples/inmail-dispute/as-promised/policies")
AT = ("2024-09-17T00:00:00Z", "2024-12-01T00:00:00Z", "2025-12-01T00:00:00Z")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a network of members that resemble each other."""
    folder = tmp_path_factory.mktemp("network")
    make_network(folder, members=3000, records=6000, seed=7)
    return folder


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("recipient", ["network", "lab"])
def test_a_crowd_is_decided_as_one_decides(
    network: Path, repository: Path, at: str, recipient: str
) -> None:
    table = pq.read_table(network / "records").drop_columns(["body"])
    world: dict[str, Any] = {
        "policy": repository / EXAMPLE,
        "facts": network / "facts.parquet",
        "purpose": "genai-training",
        "recipient": recipient,
        "at": at,
    }
    many = privity.decide_batch(table, **world)
    one = privity.decide_batch(table, engine="one", **world)
    assert many.to_pylist() == one.to_pylist()


def test_a_missing_birth_date_is_not_a_birthday_to_come() -> None:
    def fact(
        member: str, kind: str, at: str, value: str = "", detail: str = ""
    ) -> dict[str, str]:
        return {
            "member": member, "fact": kind, "value": value, "at": at, "recorded_at": at,
            "detail": detail,
        }  # fmt: skip

    start, told, said = "2015-01-01T00:00:00Z", "2024-09-20T00:00:00Z", "2024-10-01T00:00:00Z"
    facts = [fact("", "recipient", start, "self", '{"role": "controller"}')]
    for member in ("young", "ageless"):
        facts += [
            fact(member, "joined", start),
            fact(member, "jurisdiction", start, "US"),
            fact(member, "notice", told, "n"),
            fact(member, "setting", said, "on", '{"setting": "s"}'),
        ]
    facts.append(fact("young", "birth_date", start, "2010-05-05"))
    policy = {
        "policy": "p", "version": "v", "controller": "network",
        "published_at": start, "effective_at": start,
        "settings": {
            "s": {
                "label": "S", "purposes": ["genai-training"], "categories": ["post"],
                "recipients": ["controller"], "live_from": start, "notice": "n",
                "minimum_age": 18, "default": [{"value": "on"}],
            }
        },
        "notices": {"n": {"effective_at": start}},
    }  # fmt: skip
    records = [
        {
            "record_id": one,
            "category": "post",
            "created_at": "2025-01-01T00:00:00Z",
            "author": one,
        }
        for one in ("young", "ageless")
    ]
    world: dict[str, Any] = {
        "policy": [policy], "facts": facts, "purpose": "genai-training", "recipient": "self",
        "at": "2025-06-01T00:00:00Z",
    }  # fmt: skip
    for record, reasons in zip(records, (("minor", "uninformed"), ()), strict=True):
        assert privity.decide(record, **world).reasons == reasons
    from privity.decide.request import Record  # noqa: PLC0415 - only this test needs rows by hand
    from privity.testing.worlds import to_arrow  # noqa: PLC0415 - as above

    table = to_arrow(
        [
            Record(record_id=one, category="post", created_at=1735689600, author=one)
            for one in ("young", "ageless")
        ]
    )
    assert privity.decide_batch(table, **world)["reasons"].to_pylist() == [
        ["minor", "uninformed"],
        [],
    ]
