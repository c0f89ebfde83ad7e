# SPDX-License-Identifier: Apache-2.0
"""A card says what a person must know who holds a release (REL-42, REL-46)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.release.papers.made_papers import (
    SOME,
    described,
    making,
    manifest_of,
    revised,
    summary_of,
    version,
)

from privity.policy.model import DefaultLine, Setting
from privity.release.papers.card import card
from privity.release.papers.making import Making
from privity.release.papers.markdown import write_markdown
from privity.release.papers.terms import terms_of
from privity.release.summary import Copied


def told(made: Making | None = None, **keys: Any) -> str:
    """The card in Markdown, on one line."""
    found = described(**keys)
    text = write_markdown(card(making() if made is None else made, found))
    return " ".join(text.split())


def test_it_says_for_what_for_whom_until_when_and_by_which_rules() -> None:
    text = told()
    for said in (
        "agreed to give to `lab` (other companies), for one purpose: `genai-training`",
        "**Until:** 2027-11-20T00:00:00Z, taken back, or ended",
        "**Policy:** `genai-training`, version `2024-09-18`",
        "**Log:** `example.com/log`, entry 1,236",
        "Data for Generative AI Improvement",
        "no in IN, yes; private-message: an explicit yes only",
        "not in EU, GB; from 18 years; after the notice genai-2024-09; 30 days to object",
        "| `no-credentials` | the policy | credentials | all | all |",
        "| `confidentiality` | agreement subscription | private-message | all | all |",
        "Delete it by 2027-11-20T00:00:00Z",
        "It heeds the first 1,234 entries of the log",
        "its clock is simulated",
    ):
        assert said in text


def test_it_says_what_was_done_and_what_is_left_to_do() -> None:
    text = told()
    done, left = text.split("and is not done yet:")
    assert "was done before it was handed over: - replace member ids by pseudonyms" in done
    assert "take out e-mail addresses" in left
    assert "replace member ids" not in left


def test_who_attested_few_permits_is_named_and_how_few_is_not() -> None:
    assert "Fewer than 5 of the permits are attested by counsel, not witnessed." in told()
    ledger = {
        "attested": [{"says": "attested by counsel, not witnessed", "records": 1234}],
        "clock": "system",
    }
    text = told(making(ledger=ledger))
    assert "1,234 of the permits are attested by counsel" in text
    assert "simulated" not in text


@pytest.mark.parametrize(
    ("reported", "says"), [(0, "0 of"), (3, "Fewer than 5 of"), (12, "12 of")]
)
def test_it_says_how_many_copies_of_refused_messages_are_in_it(
    reported: int, says: str
) -> None:
    summary = replace(
        summary_of({"post": 20}, SOME), copies=Copied(refused=2, reported=reported)
    )
    made = making(summary)
    assert f"{says} the permitted ones have one in them." in told(made)
    assert Making.parse(made.to_bytes()) == made
    assert "texts of refused private messages" not in told()


def test_a_release_without_end_or_policy_says_so() -> None:
    nobody = manifest_of()["request"] | {"role": None}
    text = told(making(request=nobody), expires_at=None, policy=None, version=None)
    assert "**Until:** taken back, or ended" in text
    assert "**Policy:** none in force" in text
    assert "No policy was in force." in text
    assert "Delete it by" not in text


def test_where_nothing_was_refused_it_says_so() -> None:
    assert "No record was refused." in told(making(summary_of({"post": 20}, [])))


def test_where_few_were_refused_it_says_no_more() -> None:
    text = told(making(summary_of({"post": 20}, [("post", ("minor",), "US", 2)])))
    assert "Fewer than 5 records were refused. More is not told of them." in text
    assert "minor" not in text.split("By whose rules")[0]
    assert "**Refused:** hidden" in text


def test_few_records_or_members_are_not_counted() -> None:
    found = described()
    content = replace(found.content, rows=3, members=2, files=1)
    created = replace(found.created, content=content)
    page = card(
        making(summary_of({"post": 3}, SOME)), replace(found, created=created, says=created)
    )
    text = " ".join(write_markdown(page).split())
    assert "**Records:** Fewer than 5" in text
    assert "**Members whose they are:** Fewer than 5" in text
    assert "**Permitted:** hidden" in text


def test_a_later_revision_says_that_it_is_one() -> None:
    first = described()
    page = card(making(), revised(first, first.content, 3))
    text = " ".join(write_markdown(page).split())
    assert page.title == "Release lab-2026-11, revision 3"
    assert "Earlier revisions are no longer to be used." in text
    assert "They do not say which records were taken back since." in text


@pytest.mark.parametrize(
    ("default", "says"),
    [
        ((), "no"),
        ((DefaultLine(places=("IN",), on=True),), "yes in IN, no elsewhere"),
        ((DefaultLine(places=None, on=True), DefaultLine(places=("IN",), on=False)), "yes"),
    ],
)
def test_what_silence_means_is_the_first_line_that_matches(
    default: tuple[DefaultLine, ...], says: str
) -> None:
    found = version()
    setting: Setting = replace(
        found.settings["genai-improvement"], default=default, explicit_only=()
    )
    made = making(of=replace(found, settings={setting.id: setting}))
    assert f"for genai-training, by third-party | {says} | not in" in told(made)


def test_rules_that_do_not_bite_are_not_told() -> None:
    terms = terms_of(version(), "genai-training", "controller")
    assert [one.id for one in terms.settings] == []
    assert [one.id for one in terms.rules] == ["no-credentials", "confidentiality"]
    assert terms.must == ()


def test_it_counts_what_was_refused_by_reason_and_category() -> None:
    text = told(making(summary_of({"post": 20}, SOME)))
    assert "| `forbidden` | 93 |" in text
    assert "| `minor` | hidden |" in text
