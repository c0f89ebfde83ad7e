# SPDX-License-Identifier: Apache-2.0
"""Which sentences came and went is found place by place."""

from __future__ import annotations

from pathlib import Path

from privity.policy.parse import read_policies
from privity.policy.plain import Line, Section, sections_of
from privity.policy.reworded import Reworded, reworded

POLICIES = Path("examples/inmail-dispute/as-promised/policies")


def section(heading: str, **lines: tuple[str, ...]) -> Section:
    found = tuple(Line(label=label, sentences=said) for label, said in lines.items())
    return Section(heading=heading, lines=found)


def test_the_same_page_reads_the_same() -> None:
    policy = read_policies([POLICIES])
    page = tuple(sections_of(policy.versions[-1], policy))
    assert reworded(page, page) == ()


def test_what_came_and_what_went_stands_at_its_place() -> None:
    old = [section("One", what=("a.", "b."), who=("c.",)), section("Two", why=("d.",))]
    new = [section("One", what=("b.", "e."), who=("c.",)), section("Three", why=("d.",))]
    assert reworded(old, new) == (
        Reworded(heading="One", label="what", gone=("a.",), come=("e.",)),
        Reworded(heading="Two", label="why", gone=("d.",), come=()),
        Reworded(heading="Three", label="why", gone=(), come=("d.",)),
    )


def test_lines_of_one_label_are_one_place() -> None:
    lines = (Line(label="", sentences=("a.",)), Line(label="", sentences=("b.",)))
    old = [Section(heading="Rules", lines=lines)]
    new = [Section(heading="Rules", lines=lines[1:])]
    assert reworded(old, new) == (Reworded(heading="Rules", label="", gone=("a.",), come=()),)
