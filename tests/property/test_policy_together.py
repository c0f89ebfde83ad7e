# SPDX-License-Identifier: Apache-2.0
"""What a check says no member can ever permit, no made member permits; and the other way round (POL-44)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings as examples, strategies as st
from tests.property.test_policy_idle import RULES, SETTINGS

from privity.decide.analysis.bases import Bases
from privity.decide.analysis.judge import Judge
from privity.decide.analysis.space import NEW, OLD, make_space, settled
from privity.decide.analysis.trials import Trial
from privity.policy.findings import Place
from privity.policy.idle import idle_findings, lines_that_work
from privity.policy.model import Notice, Version
from privity.policy.together import together_findings
from privity.policy.versions import history


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Two settings of one version, often about the same; the second may have no notice."""
    first, second = draw(SETTINGS), draw(SETTINGS)
    if draw(st.booleans()):
        second = replace(second, scope=first.scope)
    notice = draw(st.sampled_from(["n", "n", "none-such"]))
    return Version(
        policy="p",
        version="1",
        controller="c",
        published_at=0,
        effective_at=0,
        settings={"s": first, "t": replace(second, id="t", notice=notice)},
        notices={"n": Notice(id="n", effective_at=0)},
        forbid=draw(RULES),
    )


def named(version: Version, code: str) -> set[str]:
    """The settings of which a finding is told."""
    findings = (
        *idle_findings(version, Place("", {})),
        *together_findings(version, Place("", {})),
    )
    return {
        name
        for finding in findings
        if finding.code == f"policy-check/{code}"
        for name in ("s", "t")
        if f"setting `{name}`" in finding.message.partition(" can ")[0]
    }


def permitted(version: Version, name: str) -> Iterator[Trial]:
    """Made members whom a version permits something that the setting governs."""
    policy = history([version])
    at = settled(policy)
    space = make_space(policy, policy, at, at)
    bases = Bases(judge=Judge(space), refusing=OLD, permitting=NEW)
    for situation in space.situations:
        if bases.judge.ground(NEW, situation):
            continue
        if name in bases.judge.governing(NEW, situation):
            for span in space.spans:
                yield from bases.all_members(situation, span)


SHUT = ("setting-blocked", "setting-forbidden", "setting-exempt", "unknown-notice")


@examples(max_examples=25)
@given(versions())
def test_a_setting_is_said_to_be_shut_where_no_member_permits_anything(
    version: Version,
) -> None:
    for name in version.settings:
        said = any(name in named(version, code) for code in SHUT)
        assert said == (next(permitted(version, name), None) is None)


@examples(max_examples=25)
@given(versions())
def test_silence_is_said_to_be_idle_where_no_silent_member_permits_anything(
    version: Version,
) -> None:
    for name, setting in version.settings.items():
        working = lines_that_work(setting)[1]
        silent = any(
            name not in {yes.setting for yes in member.said}
            for member in permitted(version, name)
        )
        if name in named(version, "idle-silence"):
            assert not silent
        elif any(setting.default[index].on for index in working):
            shut = any(name in named(version, code) for code in SHUT)
            assert silent or shut
