# SPDX-License-Identifier: Apache-2.0
"""Publish a version of a policy: read it, say what it changes, and record it (docs/workspace.md).

On a ledger a version is published when its entry is entered. So nobody dates one back: it may not say that it was
published at another time, nor that it takes effect before. What was published before the ledger is attested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from privity.app.workspace.attesting import Attestation
from privity.app.workspace.once import Request, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries, rules_of
from privity.app.workspace.recording import Recorded
from privity.app.workspace.rules import Rules
from privity.canonical.encode import digest
from privity.canonical.instants import Instant, format_instant
from privity.decide.analysis.changes import Diff, compare
from privity.decide.analysis.space import settled
from privity.entries.agreement import AgreementEntry
from privity.entries.attested import AttestedEntry
from privity.entries.claims import ClaimedVersion, policy_as_claimed
from privity.entries.notice import NoticeEntry
from privity.entries.policy import PolicyEntry
from privity.errors import ConflictError, InputError, Where
from privity.policy.check import check_readings
from privity.policy.findings import Finding
from privity.policy.model import Version
from privity.policy.parse import inspect_policy, read_file
from privity.policy.reading import Reading
from privity.policy.versions import History
from privity.vocabulary.terms import quoted, unknown

_LARGEST_TEXT: Final = 16 << 20
_MARGIN: Final = 600
_HOUR: Final = 3_600

Says = PolicyEntry | NoticeEntry | AgreementEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """The texts that are published with a version.

    Attributes:
        notices: By the id that the version has of them.
        agreements: Likewise.
    """

    notices: Mapping[str, Path]
    agreements: Mapping[str, Path]


NO_TEXTS: Final = Texts(notices={}, agreements={})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A version that can be published.

    Attributes:
        path: Its file.
        text: Its bytes.
        reading: What it says; `published_at` is the instant of looking at it, or what is claimed.
        others: The texts of notices and agreements, and what their entries say.
        before: The history as it is without it; what is claimed holds by its claimed times.
        findings: What is odd about it, by itself and after the versions before it.
        diff: What it changes.
        attested: Who attests that it was published before, or None: it is published now.
    """

    path: Path
    text: bytes
    reading: Reading
    others: tuple[tuple[NoticeEntry | AgreementEntry, bytes], ...]
    before: History
    findings: tuple[Finding, ...]
    diff: Diff
    attested: Attestation | None

    @property
    def version(self) -> Version:
        """The version."""
        assert self.reading.version is not None  # noqa: S101 - what has problems is no draft
        return self.reading.version


def published_before(
    workspace: Workspace,
    path: Path,
    *,
    texts: Texts = NO_TEXTS,
    attested: Attestation | None = None,
    request: str | None = None,
) -> Recorded | None:
    """Give what became of a version that was published before from the same files, or None.

    Raises:
        InputError: A file cannot be read.
        ConflictError: Something else was asked under the request's name.
    """
    text = read_file(path).encode("utf-8")
    read = [_read(one) for one in (*texts.notices.values(), *texts.agreements.values())]
    return was_recorded(workspace, _request(text, read, attested, request))


def draft_policy(
    workspace: Workspace,
    path: Path,
    *,
    texts: Texts = NO_TEXTS,
    attested: Attestation | None = None,
) -> Draft:
    """Read a version, check that it may be published, and compare it with what is in force.

    Args:
        workspace: Where.
        path: Its file.
        texts: The texts of notices and agreements that are published with it.
        attested: Who attests that it was published when it says; None: it is published now.

    Raises:
        InputError: It cannot be read; it says that it was published at another time than now
            (`workspace/published-at`), or is in force before (`workspace/back-dated`); or a text is not what the
            version says of it.
        ConflictError: Its name was used before (`workspace/version-used`).
        VerificationError: As `rules_of`.
        UnavailableError: As `rules_of`.
    """
    now, rules = workspace.now(), rules_of(workspace)
    text = read_file(path)
    reading = inspect_policy(text, file=str(path), published_at=now)
    if attested is not None and reading.stated is not None:
        reading = inspect_policy(text, file=str(path))
    if reading.version is not None:
        # It comes after every entry that is there.
        after_all = replace(reading.version, entry=workspace.store.head().size)
        reading = replace(reading, version=after_all)
    ahead = _ahead(workspace, now)
    version = _version_of(reading, ahead if attested is None else None)
    _check_name(rules, version)
    if attested is None:
        _check_now(reading, version, now, ahead)
    else:
        _check_claim(reading, now)
    before = policy_as_claimed(rules.versions, rules.texts)
    claimed = () if attested is None else (_claimed(version, now, attested),)
    held = (version,) if attested is None else ()
    after = policy_as_claimed((*rules.versions, *held), (*rules.texts, *claimed))
    at = settled(before, after)
    return Draft(
        path=path,
        text=text.encode("utf-8"),
        reading=reading,
        others=_others(version, texts),
        before=before,
        findings=_findings(reading, before),
        diff=compare(before, after, at=at, known=at),
        attested=attested,
    )


def rehearse_policy(workspace: Workspace, draft: Draft) -> int:
    """Give how many entries publishing a version would record; nothing is recorded, and errors are as `publish_policy`'s."""
    return len(_says(workspace, draft, workspace.now()))


def publish_policy(
    workspace: Workspace, draft: Draft, *, request: str | None = None
) -> Recorded:
    """Publish a version, with the texts that go with it.

    Args:
        workspace: Where.
        draft: The version, as it was looked at.
        request: A name of the caller's own; without one, the same text is the same request.

    Raises:
        InputError: It would be dated back by now (`workspace/back-dated`).
        ConflictError: Another version was published since it was looked at (`workspace/policy-moved`); or as
            `record_once`.
        UnavailableError: As `record_once`.
    """
    texts = [data for _, data in draft.others]
    return record_once(
        workspace,
        partial(_says, workspace, draft),
        objects=[draft.text, *texts],
        request=_request(draft.text, texts, draft.attested, request),
        looks=True,
    )


def _says(workspace: Workspace, draft: Draft, now: Instant) -> list[Says | AttestedEntry]:
    """Give what is said, once more asked whether it may be."""
    rules, version = rules_of(workspace), draft.version
    _check_name(rules, version)
    if policy_as_claimed(rules.versions, rules.texts) != draft.before:
        raise ConflictError(
            "another version was published since this one was looked at",
            code="workspace/policy-moved",
            hint="look at what it changes now, and publish it again",
        )
    if draft.attested is None:
        _check_now(draft.reading, version, now, _ahead(workspace, now))
    said = [*_new(workspace, draft), _entry(draft)]
    if draft.attested is None:
        return list(said)
    origin, claimed_at = workspace.settings.origin, version.published_at
    return [draft.attested.entry(one, claimed_at=claimed_at, origin=origin) for one in said]


def _new(workspace: Workspace, draft: Draft) -> list[NoticeEntry | AgreementEntry]:
    """Give the notices and agreements that the log does not have as they are."""
    entries = public_entries(workspace, NoticeEntry.STREAM, AgreementEntry.STREAM)
    there = [one.says for one in entries]
    return [one for one, _ in draft.others if one not in there]


def _entry(draft: Draft) -> PolicyEntry:
    version = draft.version
    return PolicyEntry(
        policy=version.policy,
        version=version.version,
        effective_at=version.effective_at,
        sha256=digest(draft.text),
        size=len(draft.text),
    )


def _request(
    text: bytes, others: Sequence[bytes], attested: Attestation | None, name: str | None
) -> Request:
    asks = {
        "policy": digest(text),
        "texts": [digest(data) for data in others],
        "attested": None if attested is None else attested.mapping(),
    }
    return Request(asks=asks, name=name)


def _claimed(version: Version, now: Instant, attested: Attestation) -> ClaimedVersion:
    return ClaimedVersion(version=version, entered=now, by=attested.attester.name)


def _findings(reading: Reading, before: History) -> tuple[Finding, ...]:
    """Give what a look over all versions finds that one without this did not."""
    others = [Reading(version=version) for version in before.versions]
    known = check_readings(others).findings
    found = check_readings([*others, reading]).findings
    return tuple(one for one in found if one not in known)


def _ahead(workspace: Workspace, now: Instant) -> str:
    """Say what to write for a version that is to take effect soon: the clock goes on until its entry is made."""
    soon = now if workspace.simulated else (now + _MARGIN) // _HOUR * _HOUR + _HOUR
    return f"write an instant that is not over when it is published, such as `effective_at: {format_instant(soon)}`"


def _version_of(reading: Reading, ahead: str | None) -> Version:
    """Give the version that was read, or raise the first of its problems."""
    if reading.version is not None:
        return reading.version
    first, *more = reading.problems
    also = f"{len(more)} more follow" if more else None
    undated = None if "effective_at" in reading.marks else ahead
    hint = "; ".join(one for one in (first.hint, undated, also) if one is not None) or None
    raise InputError(first.message, code=first.code, hint=hint, where=first.where)


def _check_name(rules: Rules, version: Version) -> None:
    """Check that a version is of the policy that is there, and has a name of its own."""
    for one in (*rules.versions, *(text.version for text in rules.texts)):
        if one.policy != version.policy:
            raise InputError(
                f"the policy is {quoted(version.policy)}, and that of this workspace is "
                f"{quoted(one.policy)}",
                code="policy/mixed",
                hint="a workspace keeps the versions of one policy",
                where=Where(file=version.source),
            )
        if one.version == version.version:
            raise ConflictError(
                f"version {quoted(version.version)} was published at "
                f"{format_instant(one.published_at)}, by {one.source}",
                code="workspace/version-used",
                hint="it is there already; one that says something else needs a name of its own: none is used twice",
            )


def _check_now(reading: Reading, version: Version, now: Instant, ahead: str) -> None:
    """Check that a version claims nothing of the time before its entry."""
    if reading.stated is not None and reading.stated != now:
        raise InputError(
            f"`published_at` is {format_instant(reading.stated)}, and now is {format_instant(now)}: in a "
            "ledger a version is published when its entry is, and nobody can set that",
            code="workspace/published-at",
            hint="leave `published_at` out; attest with `--attested-by` what was published before",
            where=reading.marks.get("published_at"),
        )
    if version.effective_at < now:
        raise InputError(
            f"`effective_at` is {format_instant(version.effective_at)}, and now is "
            f"{format_instant(now)}: no version takes effect before it is published",
            code="workspace/back-dated",
            hint=ahead,
            where=reading.marks.get("effective_at"),
        )


def _check_claim(reading: Reading, now: Instant) -> None:
    """Check that a claimed version says when it was published, and that this was before now."""
    if reading.stated is None:
        raise InputError(
            "the text does not say when it was published, expected `published_at`",
            code="workspace/published-at",
            hint="write when it was published: that is what is attested",
            where=Where(file=reading.version.source if reading.version else None),
        )
    if reading.stated > now:
        raise InputError(
            f"`published_at` is {format_instant(reading.stated)}, and now is {format_instant(now)}: "
            "nothing was published after now",
            code="workspace/published-at",
            where=reading.marks.get("published_at"),
        )


def _others(
    version: Version, texts: Texts
) -> tuple[tuple[NoticeEntry | AgreementEntry, bytes], ...]:
    """Read the texts of notices and agreements, and make their entries."""
    found: list[tuple[NoticeEntry | AgreementEntry, bytes]] = []
    for name, path in texts.notices.items():
        if name not in version.notices:
            raise unknown("notice", name, version.notices)
        notice, data = version.notices[name], _read(path)
        if notice.sha256 not in {None, digest(data)}:
            raise InputError(
                f"the policy says that notice {quoted(name)} has the SHA-256 `{notice.sha256}`, and this "
                f"text has `{digest(data)}`",
                code="workspace/notice-text",
                where=Where(file=str(path)),
            )
        found.append((NoticeEntry.of(replace(notice, sha256=digest(data))), data))
    for name, path in texts.agreements.items():
        if name not in version.agreements:
            raise unknown("agreement", name, version.agreements)
        data = _read(path)
        entry = AgreementEntry(
            id=name,
            sha256=digest(data),
            policy=version.policy,
            promises=tuple(one.id for one in version.agreements[name].promises),
        )
        found.append((entry, data))
    return tuple(found)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_TEXT + 1)
    except OSError as error:
        raise InputError(
            f"the text cannot be read: {error.strerror}",
            code="workspace/text",
            where=Where(file=str(path)),
        ) from error
    if not 0 < len(data) <= _LARGEST_TEXT:
        raise InputError(
            f"the text has {len(data) or 'no'} bytes, expected 1 to {_LARGEST_TEXT}",
            code="workspace/text",
            where=Where(file=str(path)),
        )
    return data
