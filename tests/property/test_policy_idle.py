# SPDX-License-Identifier: Apache-2.0
"""What a check says can never matter makes no difference when it is taken away (POL-42)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from hypothesis import given, strategies as st

from privity.canonical.instants import Instant
from privity.errors import Where
from privity.policy.findings import Finding, Place
from privity.policy.idle import always_forbidden, idle_findings, lines_that_work
from privity.policy.model import (
    DefaultLine,
    Notice,
    ObligationRule,
    Rule,
    Scope,
    Setting,
    Version,
    any_in,
)
from privity.vocabulary.places import changes, codes
from privity.vocabulary.terms import CATEGORIES, OBLIGATIONS, PURPOSES, ROLES

CELLS = tuple(product(PURPOSES, CATEGORIES, ROLES))
PLACES = st.lists(
    st.sampled_from(["EU", "EEA", "GB", "DE", "NO", "CH", "US", "IN"]), min_size=1, unique=True
).map(tuple)


def some(terms: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(terms), min_size=1, max_size=4).map(tuple)


SCOPES = st.builds(
    Scope,
    purposes=st.none() | some(list(PURPOSES)),
    categories=st.none() | some(list(CATEGORIES)),
    recipients=st.none() | some(list(ROLES)),
)
WRITTEN = st.builds(
    Scope,
    purposes=some(list(PURPOSES)),
    categories=some(list(CATEGORIES)),
    recipients=some(list(ROLES)),
)
SETTINGS = st.builds(
    Setting,
    id=st.just("s"),
    label=st.just("S"),
    scope=WRITTEN,
    live_from=st.just(0),
    exempt=PLACES | st.just(()),
    default=st.lists(
        st.builds(DefaultLine, places=st.none() | PLACES, on=st.booleans()), max_size=4
    ).map(tuple),
    explicit_only=some(list(CATEGORIES)) | st.just(()),
    notice=st.just("n"),
    objection_window=st.sampled_from([0, 86_400]),
)
RULES = st.lists(SCOPES, max_size=4).map(
    lambda scopes: tuple(Rule(id=f"r{index}", scope=one) for index, one in enumerate(scopes))
)
ASKED = st.lists(
    st.builds(ObligationRule, scope=SCOPES, do=some(list(OBLIGATIONS))), max_size=4
).map(tuple)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    setting = draw(SETTINGS)
    return Version(
        policy="p",
        version="1",
        controller="c",
        published_at=0,
        effective_at=0,
        settings={"s": setting},
        notices={"n": Notice(id="n", effective_at=0)},
        forbid=draw(RULES),
        obligations=draw(ASKED),
    )


def paths(version: Version, *wanted: str) -> set[str]:
    """The paths of the findings with these codes; each finding carries its path as its file."""
    place = _PathPlace("", {})
    found: Iterator[Finding] = idle_findings(version, place)
    return {
        finding.where.file or ""
        for finding in found
        if finding.code in wanted and finding.where is not None
    }


class _PathPlace(Place):
    def __call__(self, path: str) -> Where:
        return Where(file=path)


def without(items: tuple, prefix: str, named: set[str]) -> tuple:
    return tuple(one for index, one in enumerate(items) if f"{prefix}[{index}]" not in named)


def only(version: Version) -> Setting:
    return version.settings["s"]


def instants(code: str) -> tuple[Instant, ...]:
    return tuple(at + shift for at in (0, *changes(code)) for shift in (-1, 0, 1))


@given(versions())
def test_a_default_line_that_can_never_matter_changes_no_default(version: Version) -> None:
    setting = only(version)
    named = paths(version, "policy-check/idle-default")
    less = replace(setting, default=without(setting.default, "settings.s.default", named))
    for code in codes():
        for at in instants(code):
            if not any_in((code,), setting.exempt, at):
                assert setting.default_on(code, at) == less.default_on(code, at)


@given(versions())
def test_a_default_line_that_is_not_named_is_the_first_to_match_somewhere(
    version: Version,
) -> None:
    setting = only(version)
    named = paths(version, "policy-check/idle-default")
    for index, line in enumerate(setting.default):
        if f"settings.s.default[{index}]" in named:
            continue
        assert any(
            (line.places is None or any_in((code,), line.places, at))
            and not any_in((code,), setting.exempt, at)
            and not any(
                one.places is None or any_in((code,), one.places, at)
                for one in setting.default[:index]
            )
            for code in codes()
            for at in instants(code)
        )


@given(versions())
def test_a_covered_rule_changes_nothing_that_is_forbidden(version: Version) -> None:
    named = paths(version, "policy-check/covered-rule")
    less = replace(version, forbid=without(version.forbid, "forbid", named))
    for cell in CELLS:
        assert version.forbids(*cell) == less.forbids(*cell)


@given(versions())
def test_a_rule_that_guards_changes_nothing_that_a_setting_governs(version: Version) -> None:
    named = paths(version, "policy-check/covered-rule", "policy-check/idle-rule")
    less = replace(version, forbid=without(version.forbid, "forbid", named))
    for cell in CELLS:
        if only(version).scope.contains(*cell):
            assert version.forbids(*cell) == less.forbids(*cell)


@given(versions())
def test_a_setting_that_is_forbidden_permits_nothing(version: Version) -> None:
    said = bool(paths(version, "policy-check/setting-forbidden"))
    governed = [cell for cell in CELLS if only(version).scope.contains(*cell)]
    assert said == all(version.forbids(*cell) for cell in governed)


@given(versions())
def test_a_category_that_is_always_forbidden_permits_nothing(version: Version) -> None:
    terms = always_forbidden(version, only(version))
    for cell in CELLS:
        if only(version).scope.contains(*cell) and CATEGORIES.any_contains(terms, cell[1]):
            assert version.forbids(*cell)


def asked(version: Version, cell: tuple[str, str, str]) -> set[str]:
    return {do for rule in version.obligations if rule.scope.bites(*cell) for do in rule.do}


@given(versions())
def test_an_obligation_that_can_never_matter_changes_no_permit(version: Version) -> None:
    named = paths(version, "policy-check/idle-obligation", "policy-check/covered-obligation")
    less = replace(version, obligations=without(version.obligations, "obligations", named))
    for cell in CELLS:
        if only(version).scope.contains(*cell) and not version.forbids(*cell):
            assert asked(version, cell) == asked(less, cell)


@given(versions())
def test_an_explicit_term_that_can_never_matter_changes_no_silent_yes(version: Version) -> None:
    setting = only(version)
    named = paths(version, "policy-check/idle-explicit-only")
    less = replace(
        setting, explicit_only=without(setting.explicit_only, "settings.s.explicit_only", named)
    )
    if any(setting.default[index].on for index in lines_that_work(setting)[1]):
        for cell in CELLS:
            if setting.scope.contains(*cell):
                assert setting.wants_explicit(cell[1]) == less.wants_explicit(cell[1])
