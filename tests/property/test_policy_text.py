# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in a policy file, reading it gives a version or names problems, never anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from privity.errors import InputError
from privity.policy.check import check_readings
from privity.policy.parse import inspect_policy, parse_policy, version_from
from privity.policy.schema import json_schema
from privity.policy.show import data_of, page_of, text_of
from privity.policy.versions import History
from privity.testing.worlds import random_world
from privity.vocabulary.places import place_name
from privity.vocabulary.sentences import day
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES

SAMPLE = """\
policy: genai-training
version: "2024-09-18"
controller: network
published_at: 2024-09-18T00:00:00Z
effective_at: 2024-09-18T00:00:00Z
groups: {exempt: [EU, EEA, CH], more: [exempt, GB]}
settings:
  genai-improvement:
    label: Data for Generative AI Improvement
    purposes: [genai-training]
    categories: [profile, public-content, private-message]
    recipients: [controller, affiliate]
    live_from: 2024-08-15T00:00:00Z
    exempt: [more]
    default: [{in: [IN], value: off}, {value: on}]
    explicit_only: [private-message]
    notice: genai-2024-09
    objection_window: P30D
    minimum_age: 18
    age_proof: required
notices:
  genai-2024-09: {effective_at: 2024-09-18T00:00:00Z, url: "https://example.com", languages: [en]}
agreements:
  subscription:
    promises: [{id: confidentiality, forbid: {categories: [inmail], purposes: [model-training]}}]
forbid: [{id: no-credentials, categories: [credentials]}]
obligations: [{recipients: [affiliate], do: [pseudonymise]}]
parties: {group-message: all}
"""
PIECES = st.sampled_from(
    ["\n", "  ", "- ", ": ", "{", "}", "[", "]", '"', "'", "&a ", "*a", "!!", "|", ">", "#", "~", "?",
     "on", "off", "true", "0", "-1", "EU", "UK", "NO", "P0D", "9999-12-31T23:59:59Z", "\t", "---\n",
     "%YAML 1.1\n", "<<: ", "\\", "\ufeff", "\x00", "\u2028", ","]
)  # fmt: skip


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """The sample with pieces cut out, doubled, moved and put in."""
    text = SAMPLE
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        new = draw(st.one_of(PIECES, st.text(max_size=6), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["on", "off", "EU", "US", "inmail", "genai-training", "all", "P1D"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def edited_mappings(draw: st.DrawFn) -> dict[str, Any]:
    """A sound policy of a random world with some of its values replaced, taken away or added."""
    made = json.loads(json.dumps(random_world(draw(st.integers(0, 99)), records=1).policies[0]))
    for _ in range(draw(st.integers(0, 3))):
        holder: Any = made
        while True:
            inner = [one for one in _children(holder) if isinstance(one, dict | list) and one]
            if not inner or draw(st.booleans()):
                break
            holder = draw(st.sampled_from(inner))
        _change(draw, holder)
    return dict(made)


def _children(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else list(holder)


def _change(draw: st.DrawFn, holder: Any) -> None:
    if isinstance(holder, list):
        holder[draw(st.integers(0, len(holder) - 1))] = draw(VALUES)
        return
    key = draw(st.sampled_from(sorted(holder)))
    if draw(st.booleans()):
        holder[key] = draw(VALUES)
    else:
        del holder[key]
        holder[draw(st.text(max_size=6))] = draw(VALUES)


def read(text: str) -> bool:
    """Read, check and show a text; tell whether it is a sound policy."""
    reading = inspect_policy(text, file="f")
    assert (reading.version is None) == bool(reading.problems)
    for problem in reading.problems:
        assert isinstance(problem, InputError)
        assert "\n" not in str(problem)
        assert problem.where is not None
    report = check_readings([reading])
    assert all("\n" not in str(finding) for finding in report.findings)
    if reading.version is None:
        with pytest.raises(InputError):
            parse_policy(text, file="f")
        return False
    assert parse_policy(text, file="f") == reading.version
    page = page_of(History((reading.version,)))
    assert text_of(page)
    assert data_of(page)
    return True


def test_the_sample_is_sound() -> None:
    assert read(SAMPLE)


@given(mutants())
def test_a_mutant_of_a_policy_is_read_or_refused(text: str) -> None:
    """POL-4."""
    read(text)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """POL-4."""
    read(text)


@given(VALUES)
def test_any_value_is_read_or_refused(value: object) -> None:
    """POL-4."""
    with pytest.raises(InputError):
        version_from({"policy": value})


@given(edited_mappings())
def test_a_mapping_and_its_json_mean_the_same(made: dict[str, Any]) -> None:
    """POL-1."""
    text = json.dumps(made)
    try:
        version = version_from(made, file="f")
    except InputError:
        assert not read(text)
    else:
        assert read(text)
        assert parse_policy(text, file="f") == version


@given(edited_mappings())
def test_what_the_schema_refuses_the_reader_refuses(made: dict[str, Any]) -> None:
    """POL-60."""
    jsonschema = pytest.importorskip("jsonschema")
    if not jsonschema.Draft202012Validator(json_schema()).is_valid(made):
        with pytest.raises(InputError):
            version_from(made)


@given(st.integers(0, 10_000))
def test_the_policies_of_random_worlds_are_read_checked_and_shown(seed: int) -> None:
    for made in random_world(seed, records=1).policies:
        assert read(json.dumps(made))


@given(st.integers(0, 10_000))
def test_whatever_a_version_names_is_on_its_page(seed: int) -> None:
    """POL-51."""
    for made in random_world(seed, records=1).policies:
        version = version_from(made)
        page = page_of(History((version,)))
        text = " ".join(" ".join(text_of(page)).split())
        promises = [
            rule for agreement in version.agreements.values() for rule in agreement.promises
        ]
        scopes = [
            *(setting.scope for setting in version.settings.values()),
            *(rule.scope for rule in [*version.forbid, *promises]),
            *(rule.scope for rule in version.obligations),
        ]
        named = [
            *(PURPOSES.label(term) for scope in scopes for term in scope.purposes or ()),
            *(CATEGORIES.label(term) for scope in scopes for term in scope.categories or ()),
            *(ROLES.label(term) for scope in scopes for term in scope.recipients or ()),
            *(OBLIGATION_LABELS[term] for rule in version.obligations for term in rule.do),
            *version.agreements,
            *(rule.id for rule in version.forbid),
        ]
        for setting in version.settings.values():
            named += [setting.label, day(setting.live_from)]
            named += [place_name(place) for place in setting.exempt]
            named += [str(setting.minimum_age)] if setting.minimum_age else []
            named += [setting.notice or ""] if setting.notice in version.notices else []
        assert [one for one in named if one.lower() not in text.lower()] == []
