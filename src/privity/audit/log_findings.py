# SPDX-License-Identifier: Apache-2.0
"""What the log alone shows to be wrong, without any record (specs/audit.md, part 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from privity.audit.evidence import AuditedLog, Mismatch
from privity.audit.findings import Findings
from privity.audit.story import HandOver, Release, Story, Taking
from privity.audit.uses import Use
from privity.audit.wording import counted
from privity.canonical.instants import Instant, format_instant
from privity.entries.policy import PolicyEntry

Role = Callable[[str, Instant, int], str | None]
"""Gives the role of a recipient at an instant, with so many entries."""

_CONTROLLER = "controller"


def add_log_findings(
    found: Findings,
    story: Story,
    uses: Iterable[Use],
    *,
    releases: frozenset[str] | None,
    role: Role,
    end: Instant,
) -> None:
    """Add what the log shows of releases.

    Args:
        found: Where to.
        story: What the log says of releases.
        uses: Their uses.
        releases: Of which releases; None is all, and what is of none.
        role: The register.
        end: The end of the log, or a later instant that is asked for.
    """
    for use in uses:
        _add_use(found, use, story.releases[use.release or ""], role)
    for name, release in story.releases.items():
        if releases is None or name in releases:
            for one in release.hand_overs:
                _add_hand_over(found, one, release)
            for taking in release.takings:
                _add_taking(found, taking, release, end)
    for lost in story.astray:
        if releases is None or lost.release in releases:
            found.add(
                "entry-without-bytes" if lost.twice else "bytes-without-entry",
                lost.what,
                entry=lost.entry,
                release=lost.release,
                revision=lost.revision,
            )


def _add_use(found: Findings, use: Use, release: Release, role: Role) -> None:
    match use.kind:
        case "release":
            _add_made(found, use, release)
        case "revision":
            _add_revised(found, use, release)
        case "hand-over":
            _add_used(found, use, release)
        case "run":
            _add_used(found, use, release)
            _add_run(found, use, release, role)
        case _:
            pass


def add_mismatches(
    found: Findings, mismatches: Iterable[Mismatch], releases: frozenset[str] | None
) -> None:
    """Add where what lies in a workspace is not what entries commit to; of some releases, or of everything ([AUD-70])."""
    for one in mismatches:
        if releases is None or one.release in releases:
            found.add(
                one.kind, one.what, entry=one.entry, release=one.release, revision=one.revision
            )


def add_back_dated(found: Findings, log: AuditedLog) -> None:
    """Add the versions that were published after they say that they take effect ([AUD-66])."""
    for said in log.public:
        says = said.says
        if isinstance(says, PolicyEntry) and says.effective_at < said.time:
            found.add(
                "back-dated-policy",
                f"version `{says.version}` was published at {format_instant(said.time)}, and says that it takes "
                f"effect at {format_instant(says.effective_at)}",
                entry=said.entry,
            )


def _add_made(found: Findings, use: Use, release: Release) -> None:
    """Add what a release has that its clearing had not."""
    if release.clearing is None:
        return
    entry, _, clearing = release.clearing
    if (clearing.purpose, clearing.recipient) != (use.purpose, use.recipient):
        found.at_use(
            use,
            "used-without-authority",
            f"its set was cleared for `{clearing.purpose}` and `{clearing.recipient}`",
            [entry],
        )
    if release.says.content.rows > clearing.permitted:
        found.at_use(
            use,
            "used-without-authority",
            f"it has {counted(release.says.content.rows, 'record')}, and {clearing.permitted:,} of its set were "
            "permitted",
            [entry],
        )


def _add_revised(found: Findings, use: Use, release: Release) -> None:
    """Add what a revision has that the one before it had not: a release only ever becomes less."""
    before = max(one for one in (release.says.revision, *release.revised) if one < use.revision)
    rows, had = release.rows(use.revision), release.rows(before)
    if rows > had:
        made = release.entered(before)
        found.at_use(
            use,
            "used-without-authority",
            f"it has {counted(rows, 'record')}, and revision {before} had {had:,}",
            [] if made is None else [made],
        )


def _add_used(found: Findings, use: Use, release: Release) -> None:
    """Add what stands against a hand-over or a run before anybody looks at a record ([AUD-67])."""
    expires_at = release.says.expires_at
    if expires_at is not None and expires_at <= use.at:
        found.at_use(
            use,
            "expired-certificate",
            f"the release had expired at {format_instant(expires_at)}",
            [release.entry],
        )
    if release.ended is not None and release.ended[0] < use.entry:
        found.at_use(
            use,
            "expired-certificate",
            f"the release had ended by entry {release.ended[0]}",
            [release.ended[0]],
        )
    if use.recipient != release.says.recipient:
        found.at_use(
            use,
            "used-without-authority",
            f"the release was made for `{release.says.recipient}`",
            [release.entry],
        )
    for number, (entry, _, _) in sorted(release.revised.items()):
        if number > use.revision and entry < use.entry:
            found.at_use(
                use,
                "use-after-no",
                f"records of it had been taken back by revision {number} (entry {entry})",
                [entry],
            )
    for taking in release.takings:
        says = taking.says
        open_then = taking.done is None or taking.done[0] > use.entry
        if says.revision == use.revision and taking.entry < use.entry and open_then:
            found.at_use(
                use,
                "use-after-no",
                f"{counted(says.records, 'record')} of it had been due since entry {taking.entry}",
                [taking.entry],
            )


def _add_run(found: Findings, use: Use, release: Release, role: Role) -> None:
    """Add a run on what its recipient did not say that it has ([AUD-68])."""
    if role(use.recipient, use.at, use.size) == _CONTROLLER:
        return
    has = max(
        (
            one.says.revision
            for one in release.hand_overs
            if one.says.recipient == use.recipient
            and one.acknowledged is not None
            and one.acknowledged < use.entry
        ),
        default=0,
    )
    attested = {
        one.says.revocation
        for one in release.takings
        if use.recipient in one.acks and one.acks[use.recipient][0] < use.entry
    }
    for number, (entry, _, revised) in sorted(release.revised.items()):
        if has == number - 1 and entry < use.entry and revised.revocation in attested:
            has = number
    if has != use.revision:
        seen = f"revision {has}" if has else "nothing of it"
        found.at_use(
            use,
            "hand-over-without-acknowledgement",
            f"its recipient had acknowledged {seen}",
        )


def _add_hand_over(found: Findings, one: HandOver, release: Release) -> None:
    """Add a hand-over that nobody acknowledged, or that is not of the files that the revision's entry has."""
    says = one.says
    what = f"revision {says.revision} of release `{says.release}` was handed over to `{says.recipient}`"
    if one.acknowledged is None and one.failed is None:
        found.add(
            "hand-over-without-acknowledgement",
            f"{what}, and is neither acknowledged nor failed",
            entry=one.entry,
            release=says.release,
            revision=says.revision,
        )
    made = release.entered(says.revision)
    if (
        made is not None
        and made < one.entry
        and says.files_root != release.files_root(says.revision)
    ):
        found.add(
            "bytes-without-entry",
            f"{what} with other files than entry {made} has",
            entry=one.entry,
            release=says.release,
            revision=says.revision,
            evidence=[made],
        )


def _add_taking(found: Findings, taking: Taking, release: Release, end: Instant) -> None:
    """Add a taking back that is not done, or not attested by who has a copy, before its deadline ([AUD-69])."""
    says, late, evidence = taking.says, [], []
    deadline = says.deadline
    if taking.done is None and deadline <= end:
        late.append("it is not done")
    elif taking.done is not None and taking.done[1] >= deadline:
        late.append(f"it was done at {format_instant(taking.done[1])}")
        evidence.append(taking.done[0])
    copies: dict[str, int] = {}
    for one in release.hand_overs:
        if one.out and one.says.revision <= says.revision:
            copies.setdefault(one.says.recipient, one.entry)
    for recipient, handed in sorted(copies.items()):
        ack = taking.acks.get(recipient)
        if ack is None and deadline <= end:
            late.append(f"`{recipient}` has not attested it")
            evidence.append(handed)
        elif ack is not None and ack[1] >= deadline:
            late.append(f"`{recipient}` attested it at {format_instant(ack[1])}")
            evidence += [handed, ack[0]]
    if late:
        found.add(
            "revocation-overdue",
            f"{counted(says.records, 'record')} of revision {says.revision} of release `{says.release}` were to be "
            f"taken back before {format_instant(deadline)}: {'; '.join(late)}",
            entry=taking.entry,
            release=says.release,
            revision=says.revision,
            evidence=evidence,
        )
