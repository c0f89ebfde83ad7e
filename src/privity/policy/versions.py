# SPDX-License-Identifier: Apache-2.0
"""The versions of one policy in time: which are known, which is in force (specs/policy.md part 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.canonical.instants import Instant
from privity.errors import InputError
from privity.policy.model import Version


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A version that somebody claims: it refuses as a text of then, and is no ground (specs/claims.md).

    Attributes:
        version: What it says.
        since: The first instant of making of the records that it is about.
        until: The first instant of making after these.
        tells: Whether its settings are known: a no in one of them is then a no to something.
    """

    version: Version
    since: Instant
    until: Instant
    tells: bool


@dataclass(frozen=True, slots=True)
class History:
    """Versions of one policy, ordered by start, then by publication, then as a ledger has them, then by name.

    Attributes:
        versions: At most one of each name.
        texts: Versions that are only claimed; none where nothing is.
    """

    versions: tuple[Version, ...]
    texts: tuple[Text, ...] = ()

    def known(self, known: Instant) -> History:
        """Give the history as believed at `known`: a later publication does not exist."""
        return History(
            tuple(one for one in self.versions if one.published_at <= known), self.texts
        )

    def in_force(self, at: Instant) -> Version | None:
        """Give the version with the latest start at or before `at`, or None.

        Of equal starts the later published one is in force.
        """
        found = None
        for version in self.versions:
            if version.start <= at:
                found = version
        return found

    def of_then(self, at: Instant) -> Version | None:
        """Give the version in force at `at`, or the first for what is older; None if empty."""
        return self.in_force(at) or (self.versions[0] if self.versions else None)

    def claimed_of_then(self, at: Instant) -> tuple[Version, ...]:
        """Give the claimed versions that are texts of then besides, for what was made at `at`."""
        return tuple(one.version for one in self.texts if one.since <= at < one.until)

    @property
    def telling(self) -> tuple[Version, ...]:
        """The versions whose settings are known: some that are only claimed, and all others."""
        return (*(one.version for one in self.texts if one.tells), *self.versions)

    @property
    def setting_names(self) -> frozenset[str]:
        """The ids of all settings that are known."""
        return frozenset(name for version in self.telling for name in version.settings)


def history(versions: Iterable[Version]) -> History:
    """Order the versions of one policy.

    Raises:
        InputError: Two versions share a name, or belong to different policies.
    """
    ordered = sorted(
        versions, key=lambda one: (one.start, one.published_at, one.entry, one.version)
    )
    seen: dict[str, Version] = {}
    for version in ordered:
        first = ordered[0]
        if version.policy != first.policy:
            raise InputError(
                f"policies `{first.policy}` and `{version.policy}` are mixed, expected the "
                "versions of one policy",
                code="policy/mixed",
            )
        if version.version in seen:
            raise InputError(
                f"version `{version.version}` stands in {seen[version.version].source or 'one'} "
                f"and in {version.source or 'another'}, expected each version once",
                code="policy/version-reused",
            )
        seen[version.version] = version
    return History(tuple(ordered))
