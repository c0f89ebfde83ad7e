# SPDX-License-Identifier: Apache-2.0
"""A plain world in which one member's post is permitted, to change one thing in.

For tests that state one rule each: `ask()` permits; `ask(facts=[fact("closed", "2025-05-01")])` says
what that one fact does. It is the case `permit-default` of the vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from privity.canonical.instants import Instant, parse_instant
from privity.decide.one import decide
from privity.decide.request import Decision, Record, Request, world
from privity.members.facts import Fact, MemberId
from privity.policy.parse import version_from
from privity.policy.versions import history

SETTING: Final = "genai-improvement"
NOTICE: Final = "genai-2024-09"
POLICY: Final[Mapping[str, Any]] = {
    "policy": "genai-training",
    "version": "2024-09-18",
    "controller": "network",
    "published_at": "2024-09-18T00:00:00Z",
    "effective_at": "2024-09-18T00:00:00Z",
    "groups": {"exempt": ["EU", "EEA", "CH", "GB"]},
    "settings": {
        SETTING: {
            "label": "Data for Generative AI Improvement",
            "purposes": ["genai-training"],
            "categories": [
                "profile",
                "public-content",
                "group-message",
                "private-message",
                "ai-input",
            ],
            "recipients": ["controller", "affiliate", "third-party"],
            "live_from": "2024-08-15T00:00:00Z",
            "exempt": ["exempt"],
            "default": [{"in": ["IN"], "value": "off"}, {"value": "on"}],
            "explicit_only": ["private-message"],
            "notice": NOTICE,
            "objection_window": "P30D",
            "minimum_age": 18,
        }
    },
    "notices": {NOTICE: {"effective_at": "2024-09-18T00:00:00Z"}},
    "agreements": {
        "subscription": {
            "promises": [
                {
                    "id": "confidentiality",
                    "forbid": {
                        "categories": ["private-message"],
                        "recipients": ["third-party"],
                        "purposes": ["model-training"],
                    },
                }
            ]
        }
    },
    "forbid": [{"id": "no-credentials", "categories": ["credentials"]}],
    "obligations": [
        {"recipients": ["affiliate", "third-party"], "do": ["pseudonymise", "redact-contact"]}
    ],
}
AT: Final[Instant] = parse_instant("2025-06-01T00:00:00Z")
POST: Final = Record(
    record_id="r1",
    category="post",
    created_at=parse_instant("2025-02-01T12:00:00Z"),
    author="a",
)


def day(text: str) -> Instant:
    """Give the first second of a day, `YYYY-MM-DD`."""
    return parse_instant(f"{text}T00:00:00Z")


def policy(**keys: Any) -> dict[str, Any]:
    """Give the policy with some keys of its own; a key that is None is taken out."""
    made: dict[str, Any] = deepcopy(dict(POLICY))
    for key, value in keys.items():
        if value is None:
            del made[key]
        else:
            made[key] = value
    return made


def switch(**keys: Any) -> dict[str, Any]:
    """Give the policy's settings, with some keys of the one there is changed."""
    return {SETTING: {**POLICY["settings"][SETTING], **keys}}


def fact(
    kind: str,
    on: str,
    value: str = "",
    *,
    member: MemberId | None = "a",
    recorded: str | None = None,
    **detail: Any,
) -> Fact:
    """Make a fact.

    Args:
        kind: What kind of fact.
        on: The day on whose first second it was true.
        value: Its value.
        member: Whose it is; None is the platform.
        recorded: The day on whose first second it was recorded; the same day if left out.
        **detail: Its detail.
    """
    return Fact(
        member=member,
        fact=kind,
        value=value,
        at=day(on),
        recorded_at=day(recorded or on),
        detail=detail,
    )


def said(on: str, value: str = "on", *, member: MemberId = "a", **detail: Any) -> Fact:
    """Make a choice in the setting: a yes, if nothing else is said."""
    return fact("setting", on, value, member=member, **{"setting": SETTING, **detail})


def told(member: MemberId = "a") -> list[Fact]:
    """Make the facts of a member in good standing who was told."""
    return [
        fact("joined", "2015-01-01", member=member),
        fact("jurisdiction", "2015-01-01", "US", member=member, evidence="declared"),
        fact("birth_date", "2015-01-01", "1990-05-05", member=member),
        fact("notice", "2024-09-20", NOTICE, member=member),
    ]


def register() -> list[Fact]:
    """Make the platform's register: `self`, `parent` and `lab`."""
    return [
        fact("recipient", "2020-01-01", "self", member=None, role="controller"),
        fact("recipient", "2020-01-01", "parent", member=None, role="affiliate"),
        fact("recipient", "2024-01-01", "lab", member=None, role="third-party"),
    ]


def ask(
    record: Record = POST,
    *,
    facts: Iterable[Fact] = (),
    without: Iterable[str] = (),
    policies: Iterable[Mapping[str, Any]] = (POLICY,),
    records: Iterable[Record] | None = None,
    **request: Any,
) -> Decision:
    """Decide a record in the plain world, changed as said.

    Args:
        record: What is asked for.
        facts: Facts besides those of `told()` and `register()`.
        without: Kinds of fact that the member `a` does not have.
        policies: Versions in place of the one.
        records: The run's records; the record alone if left out.
        **request: Parts of the request: `purpose`, `recipient`, `at`; `known` is `at` if left out.
    """
    plain = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
    asked = replace(plain, **{"known": request.get("at", AT), **request})
    kept = [one for one in told() if one.fact not in without]
    versions = history(version_from(one) for one in policies)
    run = [record] if records is None else records
    found = world(versions, [*register(), *kept, *facts], asked.known, run)
    return decide(record, asked, found)
