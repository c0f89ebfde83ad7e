# SPDX-License-Identifier: Apache-2.0
"""The kinds of entries, and where each may stand (specs/entry.md, parts 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from privity.entries.agreement import AgreementEntry
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.clearing import STREAM as CLEARING, ClearingEntry, parse_clearing
from privity.entries.disclosure import STREAM as DISCLOSURE, DisclosureEntry, parse_disclosure
from privity.entries.enrol import EnrolEntry
from privity.entries.erasure import ErasedEntry, ErasureBatchEntry
from privity.entries.fact import FactEntry
from privity.entries.fields import wrong
from privity.entries.freeze import FreezeEntry
from privity.entries.genesis import GenesisEntry
from privity.entries.incident import IncidentEntry
from privity.entries.keys import KeysEntry
from privity.entries.model import ModelEntry
from privity.entries.notice import NoticeEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.program import ProgramEntry
from privity.entries.recipient import RecipientEntry
from privity.entries.release import STREAM as RELEASE, ReleaseEntry, parse_release
from privity.entries.revocation import (
    STREAM as REVOCATION,
    RevocationAck,
    RevocationEntry,
    parse_revocation,
)
from privity.entries.run import RunEnd, RunStart
from privity.entries.unknown import UnknownEntry
from privity.errors import VerificationError
from privity.ledger.note import Vkey
from privity.members.facts import MemberId

PublicKind = (
    AgreementEntry
    | AttestedEntry
    | BaselineEntry
    | ClearingEntry
    | DisclosureEntry
    | ErasureBatchEntry
    | FreezeEntry
    | GenesisEntry
    | IncidentEntry
    | KeysEntry
    | ModelEntry
    | NoticeEntry
    | OrderEntry
    | PolicyEntry
    | ProgramEntry
    | RecipientEntry
    | ReleaseEntry
    | RevocationAck
    | RevocationEntry
    | RunEnd
    | RunStart
)
"""What an entry of a public stream can say."""
PrivateKind = AttestedEntry | EnrolEntry | ErasedEntry | FactEntry
"""What an entry of a private stream can say."""

PUBLIC: Final[Mapping[str, Callable[[Mapping[str, Any]], PublicKind]]] = {
    AgreementEntry.STREAM: AgreementEntry.parse,
    AttestedEntry.STREAM: AttestedEntry.parse,
    BaselineEntry.STREAM: BaselineEntry.parse,
    CLEARING: parse_clearing,
    DISCLOSURE: parse_disclosure,
    ErasureBatchEntry.STREAM: ErasureBatchEntry.parse,
    FreezeEntry.STREAM: FreezeEntry.parse,
    GenesisEntry.STREAM: GenesisEntry.parse,
    IncidentEntry.STREAM: IncidentEntry.parse,
    KeysEntry.STREAM: KeysEntry.parse,
    ModelEntry.STREAM: ModelEntry.parse,
    NoticeEntry.STREAM: NoticeEntry.parse,
    OrderEntry.STREAM: OrderEntry.parse,
    PolicyEntry.STREAM: PolicyEntry.parse,
    ProgramEntry.STREAM: ProgramEntry.parse,
    RecipientEntry.STREAM: RecipientEntry.parse,
    RELEASE: parse_release,
    REVOCATION: parse_revocation,
    RevocationAck.STREAM: RevocationAck.parse,
    RunEnd.STREAM: RunEnd.parse,
    RunStart.STREAM: RunStart.parse,
}
"""The reader of each public stream."""
WITHOUT_EFFECT: Final = frozenset(
    {
        CLEARING,
        DISCLOSURE,
        ErasureBatchEntry.STREAM,
        IncidentEntry.STREAM,
        KeysEntry.STREAM,
        ModelEntry.STREAM,
        ProgramEntry.STREAM,
        RELEASE,
        REVOCATION,
        RevocationAck.STREAM,
        RunEnd.STREAM,
        RunStart.STREAM,
    }
)
"""The public streams that change nothing of what is permitted ([ENT-88], [CLR-5])."""
OF_NO_RULE: Final = (
    AgreementEntry
    | ClearingEntry
    | DisclosureEntry
    | ErasureBatchEntry
    | FreezeEntry
    | GenesisEntry
    | IncidentEntry
    | KeysEntry
    | ModelEntry
    | NoticeEntry
    | ProgramEntry
    | ReleaseEntry
    | RevocationAck
    | RevocationEntry
    | RunEnd
    | RunStart
)
"""The public kinds that change no rule; one that is not named here may ([REL-72])."""
PRIVATE: Final[Mapping[str, Callable[[Mapping[str, Any]], PrivateKind]]] = {
    AttestedEntry.SCHEMA: AttestedEntry.parse,
    EnrolEntry.SCHEMA: EnrolEntry.parse,
    ErasedEntry.SCHEMA: ErasedEntry.parse,
    FactEntry.SCHEMA: FactEntry.parse,
}
"""The reader of each private schema."""


def check_public(says: PublicKind | UnknownEntry, *, origin: str, number: int) -> None:
    """Check that what an entry says may stand in a public stream, with this number, in this log ([ENT-34]).

    Raises:
        InputError: It belongs into a private stream, or stands twice that may stand once.
        VerificationError: It was said to another log.
    """
    match says:
        case AttestedEntry():
            if says.private:
                raise wrong(
                    "kind", "fact", "what is public: a fact stands in its member's stream"
                )
            _check_origin(says.statement.origin, origin)
        case GenesisEntry():
            _check_origin(says.origin, origin)
            if number != 1:
                raise wrong("i", number, "1: a log has one beginning")
        case KeysEntry():
            _check_origin(Vkey.parse(says.vkey).name, origin)
        case _:
            pass


def check_private(says: PrivateKind | UnknownEntry, *, origin: str, number: int) -> None:
    """Check that what an entry says may stand in a private stream, with this number, in this log ([ENT-35]).

    Raises:
        InputError: It belongs into a public stream, or is an enrolment and not the first, or the reverse.
        VerificationError: It was said to another log.
    """
    if isinstance(says, AttestedEntry):
        if not says.private:
            raise wrong("kind", says.statement.kind, "a fact: the rest is public")
        _check_origin(says.statement.origin, origin)
    if isinstance(says, EnrolEntry):
        if number != 1:
            raise wrong("i", number, "1: a stream has one beginning")
    elif number == 1 and whose(says) is not None:
        raise wrong("i", number, "more: the first of a member’s stream is its enrolment")


def whose(says: PrivateKind | UnknownEntry) -> MemberId | None:
    """Give the member that a private entry names, or None if it names none."""
    match says:
        case EnrolEntry(member=member) | FactEntry(member=member):
            return member
        case AttestedEntry(statement=statement) if isinstance(statement.says, FactEntry):
            return statement.says.member
        case _:
            return None


def _check_origin(seen: str, origin: str) -> None:
    if seen != origin:
        raise VerificationError(
            f"the entry was made for the log `{seen}`, expected `{origin}`",
            code="entry/origin",
        )
