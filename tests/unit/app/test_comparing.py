# SPDX-License-Identifier: Apache-2.0
"""Two policies in files, and what a change reaches on a platform (ANA-33, ANA-34, ANA-35)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from privity import decide_batch
from privity.app.comparing import (
    Compared,
    compare_pair,
    load_pair,
    reach_lines,
    reach_mapping,
    reach_of,
)
from privity.canonical.encode import encode_pretty
from privity.canonical.instants import format_instant
from privity.errors import InputError
from privity.testing.plain import POLICY, day, policy, switch
from privity.testing.worlds import RandomWorld, random_world, to_arrow

DAY = 86_400
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: Mapping[str, Any], name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(encode_pretty(text), encoding="utf-8")
        return path

    return to_file


def dated(on: str, **keys: Any) -> dict[str, Any]:
    return policy(
        version=on, published_at=f"{on}T00:00:00Z", effective_at=f"{on}T00:00:00Z", **keys
    )


def versions(pair: Compared) -> tuple[list[str], list[str]]:
    return (
        [one.version for one in pair.old.versions],
        [one.version for one in pair.new.versions],
    )


def test_a_file_that_was_published_later_follows(write: Write) -> None:
    """[ANA-34]"""
    old, new = write(POLICY, "old.json"), write(dated("2025-03-01"), "new.json")
    pair = load_pair(old, new)
    assert pair.follows
    assert versions(pair) == (["2024-09-18"], ["2024-09-18", "2025-03-01"])
    alone = load_pair(old, new, alone=True)
    assert not alone.follows
    assert versions(alone) == (["2024-09-18"], ["2025-03-01"])


@pytest.mark.parametrize(
    "keys",
    [
        {"version": "2024-09-18"},
        {"published_at": "2024-09-18T00:00:00Z"},
        {"published_at": "2024-09-01T00:00:00Z", "effective_at": "2024-09-01T00:00:00Z"},
    ],
    ids=["a name that is used", "published at once", "published before"],
)
def test_a_file_that_cannot_follow_is_taken_as_it_is(
    write: Write, keys: Mapping[str, Any]
) -> None:
    """[ANA-34]"""
    new = write({**dated("2025-03-01"), **keys}, "new.json")
    pair = load_pair(write(POLICY, "old.json"), new)
    assert not pair.follows
    assert len(pair.new.versions) == 1


def test_a_version_that_starts_before_the_old_one_does_not_follow_it(write: Write) -> None:
    late = policy(effective_at="2025-06-01T00:00:00Z")
    pair = load_pair(write(late, "old.json"), write(dated("2025-03-01"), "new.json"))
    assert not pair.follows


def test_a_folder_is_a_row_of_versions_as_it_is(write: Write) -> None:
    """[ANA-34]"""
    new = write(dated("2025-03-01"), "folder/new.json").parent
    pair = load_pair(write(POLICY, "old.json"), new)
    assert not pair.follows
    assert versions(pair) == (["2024-09-18"], ["2025-03-01"])


def test_two_policies_of_other_names_are_not_compared(write: Write) -> None:
    other = write({**dated("2025-03-01"), "policy": "analytics"}, "new.json")
    with pytest.raises(InputError, match="`genai-training` and `analytics`") as raised:
        load_pair(write(POLICY, "old.json"), other)
    assert raised.value.code == "policy/mixed"


def test_the_instant_is_one_at_which_all_has_begun(write: Write) -> None:
    """[ANA-33]"""
    old, new = write(POLICY, "old.json"), write(dated("2025-03-01"), "new.json")
    pair = load_pair(old, new)
    assert (pair.at, pair.known) == (day("2025-04-01"), day("2025-04-01"))
    asked = load_pair(old, new, at=day("2025-03-02"), known=day("2025-02-01"))
    assert (asked.at, asked.known) == (day("2025-03-02"), day("2025-02-01"))


def test_a_comparison_may_be_for_some_purposes(write: Write) -> None:
    new = dated("2025-03-01", settings=switch(purposes=["genai-training", "safety"]))
    pair = load_pair(write(POLICY, "old.json"), write(new, "new.json"))
    assert compare_pair(pair).opens
    assert compare_pair(pair, ["safety"]).opens
    assert compare_pair(pair, ["personalisation"]).opens == ()


# How many


ROWS = [
    ("", "recipient", "lab", "2024-01-01", {"role": "third-party"}),
    ("a", "joined", "", "2015-01-01", {}),
    ("a", "jurisdiction", "US", "2015-01-01", {}),
    ("a", "notice", "genai-2024-09", "2024-09-20", {}),
    ("a", "notice", "genai-2024-09", "2025-03-02", {}),
    ("b", "joined", "", "2015-01-01", {}),
    ("b", "jurisdiction", "US", "2015-01-01", {}),
    ("b", "notice", "genai-2024-09", "2024-09-20", {}),
]


def facts_file(folder: Path) -> Path:
    path = folder / "facts.jsonl"
    rows = [
        {
            "member": member,
            "fact": fact,
            "value": value,
            "at": f"{on}T00:00:00Z",
            "recorded_at": f"{on}T00:00:00Z",
            "detail": json.dumps(detail) if detail else "",
        }
        for member, fact, value, on, detail in ROWS
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def records_file(folder: Path, rows: Sequence[tuple[str, str, str, list[str]]]) -> Path:
    path = folder / "records.jsonl"
    path.write_text(
        "".join(
            json.dumps(
                {
                    "record_id": f"r{number}",
                    "category": category,
                    "created_at": f"{on}T00:00:00Z",
                    "author": author,
                    "recipients": recipients,
                    "capacity": "personal",
                    "quotes": [],
                }
            )
            + "\n"
            for number, (category, on, author, recipients) in enumerate(rows)
        ),
        encoding="utf-8",
    )
    return path


def test_what_a_change_reaches_is_counted(write: Write, tmp_path: Path) -> None:
    """[ANA-35]"""
    new = dated(
        "2025-03-01",
        settings=switch(explicit_only=[], categories=["message", "post"]),
        agreements={},
    )
    pair = load_pair(write(POLICY, "old.json"), write(new, "new.json"), at=day("2025-06-01"))
    records = records_file(
        tmp_path,
        [
            ("inmail", "2025-05-01", "a", ["a"]),  # opens: told since, and the window is over
            ("inmail", "2025-05-01", "a", ["b"]),  # b was not told again
            ("direct-message", "2025-05-01", "b", ["b"]),  # nor here
            ("comment", "2025-05-01", "b", []),  # closes: no longer named
            ("post", "2025-05-01", "b", []),  # stays
            ("credentials", "2025-05-01", "a", []),  # is never permitted
        ],
    )
    stages: list[str] = []
    reach = reach_of(
        pair,
        facts=[facts_file(tmp_path)],
        records=[records],
        bindings=(),
        purpose="genai-training",
        recipient="lab",
        progress=lambda stage, _rows: stages.append(stage),
    )
    plain = reach_mapping(reach)
    assert plain == {
        "purpose": "genai-training",
        "recipient": "lab",
        "records": 6,
        "opens": {"records": 1, "members": 1, "categories": {"inmail": 1}},
        "closes": {"records": 1, "members": 1, "categories": {"comment": 1}},
        "waits": {
            "records": 2,
            "members": 2,
            "categories": {"direct-message": 1, "inmail": 1},
        },
    }
    assert [line.split() for line in reach_lines(reach)][:3] == [
        ["Of", "6", "records,", "for", "genai-training", "to", "lab:"],
        ["open", "1,", "of", "1", "member"],
        ["inmail", "1"],
    ]
    assert stages == ["decide", "decide"]


def counts(made: RandomWorld, pair: Compared, number: int) -> tuple[int, int]:
    request = made.requests[number]
    decided = [
        decide_batch(
            to_arrow(made.records, made.ids),
            policy=mine,
            facts=list(made.facts),
            purpose=request.purpose,
            recipient=request.recipient,
            at=pair.at,
            known=pair.known,
            engine="one",
        )["permit"].to_pylist()
        for mine in (pair.old, pair.new)
    ]
    both = list(zip(*decided, strict=True))
    return both.count((False, True)), both.count((True, False))


@pytest.mark.parametrize("seed", [7, 13, 16])
def test_the_counts_are_those_of_the_plain_rule(
    write: Write, tmp_path: Path, seed: int
) -> None:
    """[ANA-35]"""
    made = random_world(seed, records=60, ids="string")
    rows = sorted(made.policies, key=lambda one: str(one["published_at"]))
    first = write(rows[0], "old.json")
    for number, row in enumerate(rows):
        write(row, f"new/{number}.json")
    folder = tmp_path / "new"
    request = made.requests[0]
    pair = load_pair(first, folder, at=request.at, known=request.known)
    facts = tmp_path / "facts.jsonl"
    facts.write_text("".join(json.dumps(dict(row)) + "\n" for row in made.facts), "utf-8")
    records = tmp_path / "records.jsonl"
    records.write_text(
        "".join(
            json.dumps(
                {
                    "record_id": one.record_id,
                    "category": one.category,
                    "created_at": None
                    if one.created_at is None
                    else format_instant(one.created_at),
                    "author": one.author,
                    "recipients": list(one.recipients),
                    "capacity": one.capacity,
                    "quotes": list(one.quotes),
                }
            )
            + "\n"
            for one in made.records
        ),
        "utf-8",
    )
    reach = reach_of(
        pair,
        facts=[facts],
        records=[records],
        bindings=(),
        purpose=request.purpose,
        recipient=request.recipient,
    )
    found = (sum(reach.opens.records.values()), sum(reach.closes.records.values()))
    assert found == counts(made, pair, 0)
