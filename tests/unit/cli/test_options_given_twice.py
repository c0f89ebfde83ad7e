# SPDX-License-Identifier: Apache-2.0
"""An option that is given twice is an error, unless the command takes several: nobody's no is dropped for a later file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

RECORDS = ("--records", str(SMALL / "records.jsonl"), "--recipient", "self")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--recipient", "parent"),
        ("--purpose", "ads"),
        ("--at", "2025-07-01T00:00:00Z"),
        ("--engine", "one"),
    ],
)
def test_a_second_value_is_an_error(run: Run, option: str, value: str) -> None:
    twice = (option, value) if option in (*ASKED, *RECORDS) else (option, value) * 2
    done = run("decide", *ASKED, *RECORDS, *twice)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"privity: `{option}` is given 2 times, expected once"


def test_an_order_of_two_places_is_not_one_of_the_last(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "n"
    run("init", root, "--origin", "n.example/simulated", "--clock", "simulated")
    order = ("order", "issue", "o1", "--workspace", root)
    places = ("--jurisdictions", "CA", "--jurisdictions", "US")
    assert run(*order, *places).code == 2
    assert "o1" not in run("order", "list", "--workspace", root).out
    assert run(*order, "--jurisdictions", "CA,US").code == 0
    assert "CA" in run("order", "list", "--workspace", root).out


def test_a_detail_has_one_text(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "n"
    run("init", root, "--origin", "n.example/simulated", "--clock", "simulated")
    said = ("members", "set", "ana", "setting", "off", "--new", "--workspace", root)
    done = run(*said, "--detail", "setting=x", "--detail", "setting=y")
    assert done.code == 2
    assert "`setting` is given twice" in done.err


def test_what_may_be_given_several_times_may(run: Run) -> None:
    """And a switch that is on twice is on."""
    records = ("--records", SMALL / "records.jsonl")
    audit = ("doctor", *ASKED, "--recipient", "self", *records, "--json", "--json")
    assert run(*audit).code == 0
