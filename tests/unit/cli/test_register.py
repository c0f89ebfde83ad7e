# SPDX-License-Identifier: Apache-2.0
"""`privity recipient` and `privity order`, where a baseline claims what they are about."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest
from tests.unit.cli.conftest import Run

FACTS = """\
member,fact,value,at,recorded_at,detail
,recipient,self,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,"{""role"":""controller""}"
,recipient,lab,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,"{""role"":""third-party""}"
,order,hk,2020-02-01T00:00:00Z,2020-02-01T00:00:00Z,"{""jurisdictions"":[""HK""]}"
ana,joined,,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,
"""
BEGAN = "2024-10-01T00:00:00Z"
LATER = "2024-11-01T00:00:00Z"
BY_ME = "(claimed in a baseline by me)"


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """A workspace that knows recipients and an order by a baseline alone."""
    root = tmp_path / "net"
    run("init", root, "--origin", "e.example/simulated", "--clock", "simulated", "--now", BEGAN)
    (tmp_path / "facts.csv").write_text(FACTS)
    table = pyarrow.csv.read_csv(tmp_path / "facts.csv")
    pyarrow.parquet.write_table(table, tmp_path / "facts.parquet")
    done = run(
        "members",
        "baseline",
        tmp_path / "facts.parquet",
        "--claimed-by",
        "me",
        "--workspace",
        root,
    )
    assert done.code == 0, done.err
    return root


def test_lists_say_what_a_baseline_claims(run: Run, root: Path) -> None:
    to = ("--workspace", root)
    assert run("recipient", "list", *to).lines == [
        f"lab: third-party since {BEGAN} {BY_ME}",
        f"self: controller since {BEGAN} {BY_ME}",
    ]
    assert run("order", "list", *to).lines == [
        f"stands  hk  from 2020-02-01T00:00:00Z: jurisdictions HK {BY_ME}"
    ]
    found = json.loads(run("recipient", "list", *to, "--json").out)["recipients"]
    assert [one["claimed_by"] for one in found] == ["me", "me"]
    [order] = json.loads(run("order", "list", *to, "--json").out)["orders"]
    assert order["claimed_by"] == "me"


def test_what_a_baseline_claims_ends_by_a_public_entry(run: Run, root: Path) -> None:
    to = ("--workspace", root, "--now", LATER)
    assert run("recipient", "end", "lab", *to).code == 0
    assert run("recipient", "change", "self", "--role", "affiliate", *to).code == 0
    assert run("order", "lift", "hk", *to).code == 0
    assert run("recipient", "list", "--workspace", root).lines == [
        f"lab: not on the register since {LATER}",
        f"self: affiliate since {LATER}",
    ]
    assert run("order", "list", "--workspace", root).lines == [
        f"-       hk  from 2020-02-01T00:00:00Z until {LATER}: jurisdictions HK {BY_ME}"
    ]


def test_adding_what_a_baseline_claims_makes_it_public(run: Run, root: Path) -> None:
    to = ("--workspace", root, "--now", LATER)
    done = run("recipient", "add", "lab", "--role", "affiliate", *to)
    assert (done.code, "as claimed in a baseline by `me`" in done.err) == (4, True)
    assert run("recipient", "add", "lab", "--role", "third-party", *to).code == 0
    assert run("recipient", "list", "--workspace", root).lines[0] == (
        f"lab: third-party since {LATER}"
    )
