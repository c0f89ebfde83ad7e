# SPDX-License-Identifier: Apache-2.0
"""Versions in time: which are known, which is in force (POL-31 to POL-33)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from privity.canonical.instants import Instant, parse_instant
from privity.errors import InputError
from privity.policy.model import Version
from privity.policy.versions import History, history

Made = Callable[..., Version]


def day(text: str) -> Instant:
    return parse_instant(f"{text}T00:00:00Z")


@pytest.fixture
def made(version: Made) -> Callable[..., Version]:
    def make(name: str, published: str, effective: str) -> Version:
        return version(
            {
                "version": name,
                "published_at": f"{published}T00:00:00Z",
                "effective_at": f"{effective}T00:00:00Z",
            }
        )

    return make


def test_in_force_is_the_latest_start(made: Made) -> None:
    """POL-31."""
    one, two = made("1", "2024-01-01", "2024-02-01"), made("2", "2024-01-15", "2024-03-01")
    found = history([two, one])
    assert found.versions == (one, two)
    assert found.in_force(day("2024-01-31")) is None
    assert found.in_force(day("2024-02-01")) is one
    assert found.in_force(day("2024-03-01") - 1) is one
    assert found.in_force(day("2024-03-01")) is two


def test_of_equal_starts_the_later_published_is_in_force(made: Made) -> None:
    """POL-31."""
    one, two = made("1", "2024-02-01", "2024-03-01"), made("2", "2024-01-01", "2024-03-01")
    assert history([one, two]).in_force(day("2024-03-01")) is one


def test_of_one_second_the_later_entry_of_a_ledger_is_in_force(made: Made) -> None:
    """POL-31."""
    nine = replace(made("9", "2024-01-01", "2024-01-01"), entry=4)
    ten = replace(made("10", "2024-01-01", "2024-01-01"), entry=7)
    assert history([ten, nine]).versions == history([nine, ten]).versions == (nine, ten)


def test_the_version_of_older_records_is_the_first(made: Made) -> None:
    one, two = made("1", "2024-01-01", "2024-01-01"), made("2", "2024-06-01", "2024-06-01")
    found = history([one, two])
    assert found.of_then(day("2003-01-01")) is one
    assert found.of_then(day("2024-07-01")) is two
    assert History(()).of_then(day("2024-07-01")) is None


def test_what_was_published_later_is_not_known(made: Made) -> None:
    """POL-32."""
    one, two = made("1", "2024-01-01", "2024-01-01"), made("2", "2024-06-01", "2024-02-01")
    found = history([one, two])
    assert found.known(day("2024-06-01") - 1).versions == (one,)
    assert found.known(day("2024-06-01")).versions == (one, two)


def test_versions_of_two_policies_are_no_history(made: Made, version: Made) -> None:
    """POL-33."""
    other = version({"policy": "another", "version": "2"})
    with pytest.raises(InputError, match="are mixed") as caught:
        history([made("1", "2024-01-01", "2024-01-01"), other])
    assert caught.value.code == "policy/mixed"


def test_a_version_name_is_used_once(made: Made) -> None:
    """POL-33."""
    with pytest.raises(InputError, match="expected each version once") as caught:
        history([made("1", "2024-01-01", "2024-01-01"), made("1", "2024-02-01", "2024-02-01")])
    assert caught.value.code == "policy/version-reused"
