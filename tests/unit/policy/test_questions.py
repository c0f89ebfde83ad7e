# SPDX-License-Identifier: Apache-2.0
"""The answers to what members ask are what a version's rules say, and leave nothing of it out (POL-52)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from privity.decide.one import decide
from privity.decide.request import world
from privity.policy.model import Version
from privity.policy.parse import read_policies, version_from
from privity.policy.plain import sections_of
from privity.policy.questions import MESSAGES, message_uses, questions_of
from privity.policy.versions import History, history
from privity.testing.worlds import RandomWorld, facts_of, worlds
from privity.vocabulary.terms import CATEGORIES

Made = Callable[..., Version]
POLICIES = Path("examples/inmail-dispute/as-promised/policies")
SETTING = "settings/genai-improvement"


def about_messages(version: Version) -> str:
    (asked,) = [
        one for one in questions_of(version, history([version])) if one.asked == MESSAGES
    ]
    return " ".join(sentence for line in asked.answer for sentence in line.sentences)


@given(worlds(records=0))
def test_nothing_that_a_version_says_is_left_out(found: RandomWorld) -> None:
    policy = history(version_from(one) for one in found.policies)
    for version in policy.versions:
        answered = {
            sentence
            for one in questions_of(version, policy)
            for line in one.answer
            for sentence in line.sentences
        }
        said = {
            sentence
            for section in sections_of(version, policy)
            for line in section.lines
            for sentence in line.sentences
        }
        assert said <= answered


@given(worlds(records=60))
def test_a_no_to_private_messages_is_what_is_enforced(found: RandomWorld) -> None:
    policy = history(version_from(one) for one in found.policies)
    for request in found.requests:
        believed = world(policy, facts_of(found.facts), request.known, found.records)
        version = policy.known(request.known).in_force(request.at)
        if version is None or message_uses(version):
            continue
        for record in found.records:
            if record.category in CATEGORIES and CATEGORIES.contains(
                "private-message", str(record.category)
            ):
                assert not decide(record, request, believed).permit


def test_a_forbidden_use_of_messages_is_a_no() -> None:
    policy = read_policies([POLICIES])
    said = about_messages(policy.versions[-1])
    assert said.startswith("No, by nobody and for nothing")
    assert "No use of private messages (InMail and direct messages) for training" in said


def test_what_is_left_of_messages_is_said_with_what_agreements_promise(version: Made) -> None:
    said = about_messages(version())
    assert said.startswith("Only where the author and all to whom it was addressed permit it.")
    assert "used for training of AI models that create content by network" in said
    assert "Silence permits nothing here" in said
    assert "Who has the agreement subscription is promised: No use of private messages" in said
    silent = about_messages(version({f"{SETTING}/explicit_only": []}))
    assert "Silence permits nothing" not in silent


def test_without_a_setting_there_is_nothing_to_agree_to(version: Made) -> None:
    bare = version({"settings": {}})
    asked = {one.asked: one for one in questions_of(bare, History((bare,)))}
    assert asked["Can I agree to anything?"].answer[0].sentences == (
        "There is no setting, so nothing may be used.",
    )
    assert about_messages(bare).startswith("No, by nobody")


@pytest.mark.parametrize("name", [one.name for one in sorted(POLICIES.glob("*.yaml"))])
def test_each_question_of_an_example_is_asked_once(name: str) -> None:
    policy = read_policies([POLICIES])
    (version,) = [one for one in policy.versions if f"{one.version}.yaml" == name]
    asked = [(one.about, one.asked) for one in questions_of(version, policy)]
    assert len(asked) == len(set(asked))
