# SPDX-License-Identifier: Apache-2.0
"""A workspace that a platform keeps open: record what members say, and answer by it at once (docs/python.md).

`privity.open_workspace` gives one. What is recorded is durable when the call is over, and the next question heeds
it. A question reads what is known of the members in it and of nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from privity.app.basis import Believed, Reading, believe_gathered
from privity.app.held_by_member import check_file_of, receipt_of
from privity.app.inputs import PathLike, When, instant, record_of
from privity.app.publications import Publication, publications_of
from privity.app.releases.using.of_member import ReleaseWithHers, releases_of_member
from privity.app.rows import read_member, read_row
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.entering_programs import enter_program
from privity.app.workspace.knowing_some import KnowsSome
from privity.app.workspace.opening import open_workspace as open_parts
from privity.app.workspace.parts import Workspace, check_clock, reread
from privity.app.workspace.recording import Recorded
from privity.app.workspace.setting import ask_fact, set_fact
from privity.app.workspace.status import Status, look_at
from privity.canonical.instants import Instant
from privity.decide import one
from privity.decide.explain.consent import Consent, consents
from privity.decide.explain.member import MemberView, explain_member
from privity.decide.explain.own_record import OwnRecord, explain_own
from privity.decide.explain.standing import SettingStanding, standings
from privity.decide.request import Decision, Request
from privity.members.facts import MemberId
from privity.policy.show import Page, page_of
from privity.policy.versions import History

Clock = Callable[[], Instant]
"""Gives the instant that it is, where a workspace's clock is simulated."""


class LiveWorkspace:
    """An open workspace of one thread; another thread opens its own.

    Args:
        workspace: The open workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._knows = KnowsSome(workspace)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._workspace.settings.origin

    def now(self) -> Instant:
        """Give the instant that it is by the workspace's clock, in seconds since 1970."""
        return self._workspace.now()

    def record(
        self,
        member: MemberId,
        fact: str,
        value: str = "",
        *,
        at: When | None = None,
        detail: Mapping[str, str] | None = None,
        request: str | None = None,
    ) -> Recorded:
        """Record a fact of a member; it is durable, and heeded by every question, when this is over.

        Args:
            member: Whose.
            fact: Its kind (specs/timeline.md).
            value: Its value, empty where the kind has none.
            at: When it was true, left out: now.
            detail: Further words by key, such as the setting that a yes or no is about.
            request: A name of the caller's own: who repeats a request under it gets the answer of the first time.

        Returns:
            The index of its first entry, how many there are (the first of a member enrols her), and their time.

        Raises:
            InputError: It is no fact of a member, or the id is none of this workspace.
            ConflictError: The clock is behind the log, or another request has the name.
            UnavailableError: The disk is full or fails.
        """
        asked = ask_fact(
            self._workspace,
            str(read_member(member)),
            fact,
            value,
            at=None if at is None else instant(at),
            detail=detail,
            request=request,
        )
        return set_fact(self._workspace, asked).recorded

    def decide(
        self,
        record: Mapping[str, Any],
        *,
        purpose: str,
        recipient: str,
        at: When | None = None,
        records: Sequence[Mapping[str, Any]] = (),
    ) -> Decision:
        """Decide one record by all that is known now.

        Args:
            record: The record's columns by name, as for `privity.decide`.
            purpose: What it would be used for.
            recipient: Who would get it.
            at: When it would be used, left out: now.
            records: Further records, where quoted ones are looked up.

        Raises:
            InputError: The record cannot be read.
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        run = [read_row(one) for one in (record, *records)]
        believed = self._believed(_parties(run), purpose, recipient, at)
        reading = believed.reading
        mine, *others = (record_of(each, reading.facts) for each in run)
        decision = one.decide(mine, reading.request, reading.world([mine, *others]))
        return replace(decision, attested=believed.resting([mine, *others])(mine))

    def view(
        self,
        member: MemberId,
        *,
        purpose: str,
        recipients: Sequence[str] | None = None,
        at: When | None = None,
    ) -> MemberView:
        """Say what of a member's may be used, by whom and since when, and why the rest not.

        Nothing in it names another member: it may be shown to her.

        Args:
            member: Whose; nothing need be known of her.
            purpose: What it would be used for.
            recipients: Who would get it, left out: all on the register.
            at: When it would be used, left out: now.

        Raises:
            InputError: The id cannot be one of this workspace.
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        known_as, reading = self._about(member, purpose, at)
        asked = reading.request
        return explain_member(
            known_as,
            purpose=purpose,
            at=asked.at,
            known=asked.known,
            world=reading.world(),
            recipients=recipients,
        )

    def explain(
        self,
        record: Mapping[str, Any],
        member: MemberId,
        *,
        purpose: str,
        at: When | None = None,
        records: Sequence[Mapping[str, Any]] = (),
    ) -> OwnRecord:
        """Say to one of a record's parties who may use it and why others may not, by all that is known now.

        Nothing in it names another party: it may be shown to her.

        Args:
            record: The record's columns by name, as for `decide`.
            member: Who reads it.
            purpose: What it would be used for.
            at: When it would be used, left out: now.
            records: Further records, where quoted ones are looked up.

        Raises:
            InputError: The record cannot be read, or she is no party of it.
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        run = [read_row(one) for one in (record, *records)]
        reading = self._believed([member, *_parties(run)], purpose, "", at).reading
        mine, *others = (record_of(each, reading.facts) for each in run)
        return explain_own(mine, member, reading.request, reading.world([mine, *others]))

    def standings(self, member: MemberId, *, purpose: str) -> tuple[SettingStanding, ...]:
        """Say how it stands between a member and each setting about a purpose: what she said, what silence means, what she was told.

        Args:
            member: Whose page it is; nothing need be known of her.
            purpose: The use.

        Raises:
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        known_as, reading = self._about(member, purpose)
        return standings(
            known_as, purpose=purpose, at=reading.request.at, world=reading.world()
        )

    def consents(self, member: MemberId, *, purpose: str) -> tuple[Consent, ...]:
        """Say what a member said about each setting that is about a purpose, and what she was told before.

        Args:
            member: Whose page it is; nothing need be known of her.
            purpose: The use.

        Raises:
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        known_as, reading = self._about(member, purpose)
        return consents(known_as, purpose=purpose, at=reading.request.at, world=reading.world())

    def releases(
        self, member: MemberId, *, records: Iterable[str] = ()
    ) -> tuple[ReleaseWithHers, ...]:
        """Say which releases have records of a member, who got them, what was trained on them, and what was taken back.

        Args:
            member: Whose page it is; nothing need be known of her.
            records: The ids of all records that she is a party of: what was taken back is found by them.

        Raises:
            InputError: The id cannot be one of this workspace.
            ConflictError: The index of releases is a copy.
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        return releases_of_member(self._workspace, member, records=records)

    def receipt(self, member: MemberId) -> bytes | None:
        """Give a member's receipt as a file, which opens all that was recorded of her: hers alone; None where nothing was.

        Args:
            member: Whose.

        Raises:
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        found = receipt_of(self._workspace, str(member))
        return None if found is None else found.to_bytes()

    def check_file(self, member: MemberId) -> bytes | None:
        """Give the file by which a member checks the log and its releases herself; None where nothing was recorded of her.

        It has her receipt, the proofs that its events are in the log, and what releases have of hers.

        Args:
            member: Whose.

        Raises:
            ConflictError: A release is on its way to its next revision, or not published yet.
            VerificationError: The workspace does not agree with itself.
            UnavailableError: A part of it is missing, or the disk fails.
        """
        found = check_file_of(reread(self._workspace), str(member))
        return None if found is None else found.to_bytes()

    def program(self, name: str, data: bytes) -> Recorded:
        """Enter a program that members are given to verify with, so that everybody sees which one it is; the same one once.

        Args:
            name: The file's name.
            data: Its bytes, which become public.

        Raises:
            InputError: It is empty, or larger than 1 MiB.
            ConflictError: The clock is behind the log.
            UnavailableError: The disk is full or fails.
        """
        return enter_program(self._workspace, name, data)

    def vkeys(self) -> tuple[str, ...]:
        """Give the keys that the log is signed with, as text; the newest first.

        Raises:
            UnavailableError: A key is missing, or somebody else may read it.
        """
        return tuple(one.to_text() for one in reread(self._workspace).log.vkeys)

    def policy(self) -> History:
        """Give the versions that are published, each since its entry."""
        now = self.now()
        return self._believed((), "", "", now).reading.policy

    def words(self) -> Page | None:
        """Give what the version in force says, in words that members read; None where none is in force.

        They are made of the rules that are enforced, so that they cannot say anything else.
        """
        policy = self.policy()
        page = page_of(policy, self.now()) if policy.versions else None
        return None if page is None or page.shown is None else page

    def publications(self) -> tuple[Publication, ...]:
        """Give every version that entered, in the order of its entries: when it did, by whom, and what its text says."""
        return publications_of(self._workspace, self._knows.gather(()).rules)

    def status(self) -> Status:
        """Say how the log is: how much of it is published, when and by which keys, and what is wrong.

        Raises:
            UnavailableError: A part is missing or cannot be read, so that nothing can be said.
        """
        return look_at(reread(self._workspace))

    def publish(self) -> bool:
        """Publish what was recorded, so that everybody can verify it; tell whether this did it, or another process does.

        Raises:
            ConflictError: The database does not go on from what was published.
            VerificationError: Something does not hold; nothing was signed.
            UnavailableError: The disk is full or fails.
        """
        return publish_if_free(self._workspace) is not None

    def _about(
        self, member: MemberId, purpose: str, at: When | None = None
    ) -> tuple[MemberId, Reading]:
        """Give a member's id as facts have it, which may be a number, and what is known of her."""
        reading = self._believed([member], purpose, "", at).reading
        index = reading.facts.index_of(str(member))
        return member if index is None else reading.facts.ids[index].as_py(), reading

    def _believed(
        self, members: Sequence[MemberId], purpose: str, recipient: str, at: When | None
    ) -> Believed:
        now = self.now()
        asked = Request(
            purpose=purpose,
            recipient=recipient,
            at=now if at is None else instant(at),
            known=now,
        )
        return believe_gathered(self._knows.gather(members), asked)


@contextmanager
def open_workspace(
    path: PathLike, *, now: When | Clock | None = None
) -> Iterator[LiveWorkspace]:
    """Open a workspace to record in it and to ask it, as long as the block lasts.

    Args:
        path: Its folder.
        now: Where its clock is simulated: the instant that it is, or what gives it; left out, it is that of the newest entry.

    Raises:
        InputError: There is none, or an instant is given and the clock is the system's.
        ConflictError: It is a copy, or older than what was published from it.
        VerificationError: Something in it was damaged.
        UnavailableError: A part of it is missing, or the disk fails.
    """
    fixed = None if now is None or callable(now) else instant(now)
    with open_parts(Path(path), now=fixed) as workspace:
        if callable(now):
            check_clock(workspace.settings, now())
            workspace = replace(workspace, now=now)  # noqa: PLW2901 - the same one, by another clock
        yield LiveWorkspace(workspace)


def _parties(records: Sequence[Mapping[str, Any]]) -> list[MemberId]:
    """Give the members that records name."""
    named = [one for record in records for one in (record["author"], *record["recipients"])]
    return [one for one in dict.fromkeys(named) if one is not None]
