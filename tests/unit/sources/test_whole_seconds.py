# SPDX-License-Identifier: Apache-2.0
"""What happened within one second keeps its order, and permits nothing that did not stand at its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding

Make = Callable[[str, str], list[str]]

VALUE = 'value = {column = "new"}\n'
CHANGES = """
table = "changes"
as_of = 2025-06-01T00:00:00Z
at = "when"
member = "id"
""" + "".join(
    f'[[fact]]\nfact = "{fact}"\nwhere = {{column = "what", is = ["{fact}"]}}\n'
    + ("" if fact in ("closed", "reopened", "objection", "objection-withdrawn") else VALUE)
    + ('setting = "s"\nmethod = "explicit"\n' if fact == "setting" else "")
    + ('setting = {column = "new"}\n' if fact.startswith("objection") else "")
    for fact in (
        *("setting", "closed", "reopened", "objection", "objection-withdrawn", "jurisdiction"),
        *("notice", "agreement", "agreement-ended", "merged", "birth_date"),
    )
)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make facts of one CSV table of one minute: kind, value and second, in order."""

    def run(binding: str, text: str) -> list[str]:
        path = tmp_path / "t.csv"
        path.write_text(text)
        bound = parse_table_binding(binding, source="binding.toml")
        return sorted(
            f"{row['fact']} {row['value']} {row['at'].second}"
            for batch in facts_from_tables(bound, [path])
            for row in batch.to_pylist()
        )

    return run


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("setting on .2", "setting off .7"), ("setting off 0",)),
        (("setting off .2", "setting on .7"), ("setting off 0", "setting on 1")),
        (
            ("setting on .2", "setting off .2"),
            ("setting off 0", "setting off 1", "setting on 1"),
        ),
        (("setting on .2", "setting off 1.0"), ("setting off 1",)),
        # An unset breaks a row of yeses, so that the yes after it is a new one.
        (("setting unset .2", "setting on .7"), ("setting off 0", "setting on 1")),
        (
            ("setting on 0.9", "setting off 1.2"),
            ("setting off 1", "setting on 1"),
        ),
        (("reopened  .2", "closed  .7"), ("closed  0",)),
        (("closed  .2", "reopened  .7"), ("closed  0", "reopened  1")),
        (("agreement-ended p .2", "agreement p .7"), ("agreement p 0",)),
        (("agreement-ended p .2", "agreement q .7"), ("agreement q 0", "agreement-ended p 1")),
        (("objection-withdrawn s .2", "objection  .7"), ("objection  0",)),
        (
            ("objection-withdrawn  .2", "objection s .7", "objection-withdrawn s .8"),
            ("objection  0", "objection-withdrawn  1"),
        ),
        (("merged b .5",), ("merged b 0", "merged b 1")),
        (("birth_date 1980-01-01 .5",), ("birth_date 1980-01-01 1",)),
        (("jurisdiction US .5",), ("jurisdiction US 1", "jurisdiction unknown 0")),
        (
            ("jurisdiction US .2", "jurisdiction DE .7"),
            ("jurisdiction DE 1", *["jurisdiction unknown 0"] * 2),
        ),
        # The notice came after the yes, and does not inform it.
        (("notice n .7", "setting on .2"), ("notice n 2", "setting on 1")),
        (("notice n 1.0", "setting on .2"), ("notice n 2", "setting on 1")),
        (("notice n .2", "setting on .7"), ("notice n 1", "setting on 1")),
    ],
)
def test_what_happened_within_a_second_keeps_its_order(
    make: Make, said: tuple[str, ...], told: tuple[str, ...]
) -> None:
    rows = ["id,what,new,when\n"]
    for one in said:
        fact, value, second = one.split(" ")
        rows.append(f"a,{fact},{value},2015-01-01T00:00:0{float(second)}Z\n")
    assert make(CHANGES, "".join(rows)) == sorted(told)


@pytest.mark.parametrize(
    ("end", "told"), [(".7", ["setting off 0"]), ("1.1", ["setting off 1", "setting on 1"])]
)
def test_a_yes_of_less_than_its_rounding_is_none(make: Make, end: str, told: list[str]) -> None:
    binding = CHANGES.replace('"changes"', '"periods"').replace(
        'at = "when"', 'from = "when"\nto = "until"'
    )
    times = [f"2015-01-01T00:00:0{float(one)}Z" for one in (".2", end)]
    assert make(binding, f"id,what,new,when,until\na,setting,on,{','.join(times)}\n") == told


def test_a_place_from_when_a_member_joined_is_said_once(make: Make) -> None:
    """In its second nothing is asked, because nobody has joined."""
    binding = """
    table = "current"
    as_of = 2025-06-01T00:00:00Z
    member = "id"
    [[fact]]
    fact = "joined"
    at = "signed_up"
    [[fact]]
    fact = "jurisdiction"
    value = {column = "country"}
    at = "since"
    """
    table = "id,signed_up,country,since\na,{joined},US,2015-01-01T00:00:00.5Z\n"
    at_once, later = (
        make(binding, table.format(joined=f"201{year}-01-01T00:00:00.5Z")) for year in (5, 4)
    )
    assert at_once == ["joined  1", "jurisdiction US 1"]
    assert later == [*at_once, "jurisdiction unknown 0"]
