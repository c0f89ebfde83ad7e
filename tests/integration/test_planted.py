# SPDX-License-Identifier: Apache-2.0
"""What was planted is what the rule refuses, and nothing else is: held before any audit is asked (specs/audit.md, part 3)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.integration.planted import VIOLATIONS, Planting
from tests.integration.planter import SMALL, plant
from tests.integration.unfaithful import PURPOSE

import privity
from privity.config.workspace import Claims


@pytest.fixture(scope="module", params=get_args(Claims))
def planting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Planting:
    return plant(tmp_path_factory.mktemp("planted") / "workspace", attested=request.param)


def refused(planting: Planting, name: str, size: int, at: int) -> dict[int, tuple[str, ...]]:
    """Give what is refused of a release, by the first entries of the log."""
    state = planting.releases[name]
    folder = planting.root / "vault" / "releases" / name
    rows = pa.concat_tables(map(pq.read_table, sorted(folder.glob("part-*.parquet"))))
    found = privity.decide_batch(
        rows,
        workspace=privity.load_workspace(planting.root, size=size),
        purpose=PURPOSE,
        recipient=state.recipient,
        at=at,
    )
    return {
        row["record_id"]: tuple(row["reasons"])
        for row in found.filter(pc.invert(found["permit"])).to_pylist()
    }


def test_what_was_planted_is_refused_and_nothing_else(planting: Planting) -> None:
    for name, strangers in planting.strangers.items():
        created = planting.releases[name].created
        expected = {
            record: tuple(sorted(one.reasons))
            for record, one in strangers.items()
            if one.reasons
        }
        assert refused(planting, name, created.index, created.time) == expected


def test_who_says_no_afterwards_is_refused_from_then_on(planting: Planting) -> None:
    for name, strangers in planting.strangers.items():
        last = max(one.entry for one in planting.uses if one.release == name)
        at = planting.releases[name].created.time + 2 * 86_400
        found = refused(planting, name, last, at)
        assert tuple(sorted(found)) == planting.refused(name)
        later = {one for one in found if strangers[one].then}
        assert all(found[one] == strangers[one].then for one in later)


def test_every_kind_is_planted_twice_at_least(planting: Planting) -> None:
    kinds: dict[str, int] = defaultdict(int)
    for one in planting.expected():
        kinds[one.kind] += 1
    assert sorted(kinds) == [
        "back-dated-policy",
        "bytes-without-entry",
        "entry-without-bytes",
        "expired-certificate",
        "hand-over-without-acknowledgement",
        "notice-never-delivered",
        "order-ignored",
        "promise-broken",
        "revocation-overdue",
        "use-after-no",
        "used-without-authority",
    ]
    assert min(kinds.values()) > 1
    assert sum(map(len, planting.strangers.values())) == SMALL.violations + SMALL.honest
    assert planting.violations > SMALL.violations >= 2 * len(VIOLATIONS)


def test_an_honest_release_lies_there_whole(planting: Planting) -> None:
    """What the program itself says of one that nothing was done to: that it is as the log says."""
    names = [
        name for name in planting.strangers if (planting.root / "releases" / name).is_dir()
    ]
    assert names == [f"r{number:02d}" for number in range(SMALL.releases)]
    assert Path(planting.root / "vault" / "releases" / names[0] / "members.leaves").is_file()
