# SPDX-License-Identifier: Apache-2.0
"""Entries of every kind, made at random within what each kind takes."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from privity.entries.agreement import AgreementEntry
from privity.entries.attested import (
    Attestable,
    AttestedEntry,
    Evidence,
    Statement,
    attest,
    attester_of,
)
from privity.entries.baseline import BaselineEntry, Replaced
from privity.entries.clearing import (
    AbandonedClearing,
    AttestedCount,
    CommittedClearing,
    Inputs,
    PreparedClearing,
)
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.enrol import EnrolEntry
from privity.entries.erasure import ErasedEntry, ErasureBatchEntry
from privity.entries.fact import FactEntry
from privity.entries.freeze import FreezeEntry
from privity.entries.genesis import GenesisEntry, Predecessor
from privity.entries.incident import IncidentEntry
from privity.entries.keys import KeysEntry
from privity.entries.kinds import PrivateKind, PublicKind
from privity.entries.model import ModelEntry
from privity.entries.notice import NoticeEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.program import ProgramEntry
from privity.entries.recipient import RecipientEntry
from privity.entries.release import Content, CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import (
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
    RevocationEntry,
)
from privity.entries.run import RunEnd, RunStart
from privity.ledger.note import Signer
from privity.members.facts import MemberId

Item = TypeVar("Item")

ORIGIN = "example.com/ledger"

KEYS = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(2, 2**53 - 1)
TIMES = st.integers(0, 253_402_300_799)
INSTANTS = st.integers(-62_135_596_800, 253_402_300_799)
SCHEDULED = st.lists(INSTANTS, unique=True, max_size=3).map(lambda some: tuple(sorted(some)))
SIZES = st.integers(1, 2**53 - 1)
SHA256 = KEYS.map(bytes.hex)
SEEDS = st.sampled_from([bytes([7]) * 32, bytes([8]) * 32, bytes([9]) * 32])
TEXTS = (
    st.text(max_size=60)
    .map(lambda text: "".join(char for char in text if char.isprintable()).strip())
    .filter(bool)
)
NAMES = TEXTS.map(lambda text: text[:40].strip()).filter(bool)
WORDS = st.from_regex(r"[a-z][a-z0-9]{0,9}([-_][a-z0-9]{1,9}){0,2}", fullmatch=True)
SHORT = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)
URLS = st.from_regex(r"https?://[a-z0-9./?=&%-]{1,60}", fullmatch=True)
LANGUAGES = st.from_regex(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,2}", fullmatch=True)
# Any Unicode but halves of surrogate pairs, which no JSON has.
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=40)


def optional(strategy: SearchStrategy[Item]) -> SearchStrategy[Item | None]:
    return st.none() | strategy


def lists(strategy: SearchStrategy[Item]) -> SearchStrategy[tuple[Item, ...]]:
    return st.lists(strategy, max_size=4).map(tuple)


def different(strategy: SearchStrategy[str]) -> SearchStrategy[tuple[str, ...]]:
    return st.lists(strategy, max_size=4, unique=True).map(tuple)


def vkeys(origin: str) -> SearchStrategy[str]:
    return SEEDS.map(lambda seed: Signer(name=origin, seed=seed).vkey.to_text())


MEMBERS: SearchStrategy[MemberId] = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    st.integers(-(2**63), 2**63 - 1),
)
PUBLIC_KEYS = SEEDS.map(lambda seed: attester_of("x", seed).key)

POLICIES = st.builds(
    PolicyEntry,
    policy=NAMES,
    version=NAMES,
    effective_at=INSTANTS,
    sha256=SHA256,
    size=st.integers(1, 1 << 20),
)
NOTICES = st.builds(
    NoticeEntry,
    id=NAMES,
    effective_at=INSTANTS,
    sha256=optional(SHA256),
    url=optional(URLS),
    languages=different(LANGUAGES),
)
AGREEMENTS = st.builds(
    AgreementEntry,
    id=NAMES,
    sha256=SHA256,
    policy=NAMES,
    promises=different(NAMES),
    url=optional(URLS),
)
TERMS = optional(lists(ANYTHING))
ORDERS = st.one_of(
    st.builds(
        OrderEntry,
        action=st.just("issued"),
        id=NAMES,
        at=INSTANTS,
        jurisdictions=TERMS,
        purposes=TERMS,
        recipients=TERMS,
        categories=TERMS,
    ),
    st.builds(OrderEntry, action=st.just("lifted"), id=NAMES, at=INSTANTS),
)
RECIPIENTS = st.one_of(
    st.builds(
        RecipientEntry,
        action=st.sampled_from(["added", "changed"]),
        id=NAMES,
        at=INSTANTS,
        role=WORDS,
        key=optional(PUBLIC_KEYS),
    ),
    st.builds(RecipientEntry, action=st.just("ended"), id=NAMES, at=INSTANTS),
)
PRIVATE_WORDS = WORDS.filter(lambda word: not word.startswith(("order", "recipient")))
FACTS = st.builds(
    FactEntry,
    member=MEMBERS,
    fact=PRIVATE_WORDS,
    value=ANYTHING,
    at=INSTANTS,
    detail=st.dictionaries(WORDS, ANYTHING | st.lists(ANYTHING, max_size=3), max_size=3),
)
INSTRUCTIONS = st.builds(
    FactEntry,
    member=st.none(),
    fact=st.sampled_from(["seat-instruction", "seat-instruction-withdrawn"]),
    value=NAMES,
    at=INSTANTS,
)


@st.composite
def attested(draw: st.DrawFn, says: SearchStrategy[Attestable]) -> AttestedEntry:
    seed = draw(SEEDS)
    statement = Statement(
        origin=ORIGIN,
        attester=attester_of(draw(NAMES), seed),
        claimed_at=draw(INSTANTS),
        evidence=Evidence(sha256=draw(SHA256), url=draw(optional(URLS))),
        says=draw(says),
    )
    return attest(statement, seed)


@st.composite
def clearings(draw: st.DrawFn) -> PreparedClearing | CommittedClearing:
    prepared = PreparedClearing(
        clearing=draw(NAMES),
        purpose=draw(WORDS),
        recipient=draw(NAMES),
        at=draw(INSTANTS),
        ledger_size=draw(SIZES),
        policy=(policy := draw(optional(NAMES))),
        version=None if policy is None else draw(NAMES),
    )
    if draw(st.booleans()):
        return prepared
    records = draw(st.integers(0, 2**53 - 1))
    return CommittedClearing(
        clearing=prepared.clearing,
        purpose=prepared.purpose,
        recipient=prepared.recipient,
        at=prepared.at,
        ledger_size=prepared.ledger_size,
        policy=prepared.policy,
        version=prepared.version,
        inputs=Inputs.of(draw(st.lists(SHA256, min_size=1, max_size=3))),
        records=records,
        permitted=draw(st.integers(0, records)),
        manifest=draw(SHA256),
        attested=tuple(
            AttestedCount(attester=name, records=draw(SIZES)) for name in draw(different(NAMES))
        ),
    )


@st.composite
def rotations(draw: st.DrawFn) -> KeysEntry:
    previous, following = draw(st.lists(vkeys(ORIGIN), min_size=2, max_size=2, unique=True))
    return KeysEntry(previous=previous, vkey=following, both_until=draw(INSTANTS))


@st.composite
def incidents(draw: st.DrawFn) -> IncidentEntry:
    first = draw(optional(st.integers(0, 2**52)))
    end = None if first is None else draw(st.integers(first + 1, 2**53 - 1))
    return IncidentEntry(incident=draw(WORDS), text=draw(TEXTS), first=first, end=end)


COUNTS = st.integers(0, 2**53 - 1)
REVISIONS = st.integers(1, 2**53 - 1)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    files, members = draw(COUNTS), draw(COUNTS)
    return Content(
        files=files,
        size=draw(COUNTS),
        rows=draw(COUNTS) if files and members else 0,
        files_root=draw(KEYS),
        members=members,
        members_root=draw(KEYS),
        manifest=draw(SHA256),
        columns=draw(SHA256),
    )


@st.composite
def releases(draw: st.DrawFn) -> CreatedRelease:
    policy = draw(optional(NAMES))
    return CreatedRelease(
        release=draw(SHORT),
        clearing=draw(NAMES),
        purpose=draw(WORDS),
        recipient=draw(NAMES),
        ledger_size=draw(SIZES),
        policy=policy,
        version=None if policy is None else draw(NAMES),
        content=draw(contents()),
        key=draw(PUBLIC_KEYS),
        expires_at=draw(optional(INSTANTS)),
        scheduled=draw(SCHEDULED),
    )


REVISED = st.builds(
    RevisedRelease,
    release=SHORT,
    revision=NUMBERS,
    ledger_size=SIZES,
    content=contents(),
    revocation=SHORT,
)
ENDED = st.builds(EndedRelease, release=SHORT, why=st.sampled_from(["expired", "withdrawn"]))
DISCLOSURES: SearchStrategy[PublicKind] = st.one_of(
    st.builds(
        HandedOver,
        disclosure=SHORT,
        release=SHORT,
        revision=REVISIONS,
        recipient=NAMES,
        files_root=KEYS,
        certificate=SHA256,
    ),
    st.builds(AcknowledgedDisclosure, disclosure=SHORT, acknowledgement=SHA256),
    st.builds(FailedDisclosure, disclosure=SHORT),
)
REVOCATIONS: SearchStrategy[RevocationEntry | RevocationAck] = st.one_of(
    st.builds(
        DueRevocation,
        revocation=SHORT,
        release=SHORT,
        revision=REVISIONS,
        ledger_size=SIZES,
        members=SIZES,
        records=SIZES,
        tags_root=KEYS,
        deadline=INSTANTS,
        at=st.none() | INSTANTS,
        scheduled=SCHEDULED,
    ),
    st.builds(DoneRevocation, revocation=SHORT, release=SHORT, revision=NUMBERS),
    st.builds(
        NotifiedRevocation, revocation=SHORT, recipient=NAMES, message=WORDS, ok=st.booleans()
    ),
    st.builds(RevocationAck, revocation=SHORT, recipient=NAMES, attestation=SHA256),
)
RUNS: SearchStrategy[RunStart | RunEnd] = st.one_of(
    st.builds(
        RunStart,
        run=SHORT,
        recipient=NAMES,
        releases=st.dictionaries(SHORT, REVISIONS, min_size=1, max_size=32).map(
            lambda some: tuple(some.items())
        ),
        ledger_size=SIZES,
        code=SHA256,
        config=SHA256,
        base=optional(SHORT),
    ),
    st.builds(
        RunEnd,
        run=SHORT,
        how=st.sampled_from(["completed", "aborted"]),
        batches=COUNTS,
        batches_root=KEYS,
        checkpoints=st.lists(SHA256, max_size=32).map(tuple),
    ),
)


@st.composite
def models(draw: st.DrawFn) -> ModelEntry:
    names = draw(st.lists(SHORT, min_size=2, max_size=2, unique=True))
    return ModelEntry(
        model=names[0],
        run=draw(SHORT),
        sha256=draw(SHA256),
        base=draw(st.sampled_from([None, names[1]])),
    )


# What may stand at any place of its stream.
PUBLIC: SearchStrategy[PublicKind] = st.one_of(
    POLICIES,
    NOTICES,
    AGREEMENTS,
    ORDERS,
    RECIPIENTS,
    st.builds(
        BaselineEntry,
        claimed_by=NAMES,
        commitment=KEYS,
        rows=st.integers(0, 2**53 - 1),
        replaces=optional(
            st.builds(
                Replaced, entry=st.integers(0, 2**53 - 1), erased=st.integers(1, 2**53 - 1)
            )
        ),
    ),
    clearings(),
    st.builds(AbandonedClearing, clearing=NAMES, why=TEXTS),
    attested(st.one_of(POLICIES, NOTICES, AGREEMENTS, ORDERS, RECIPIENTS)),
    rotations(),
    incidents(),
    st.builds(ErasureBatchEntry, count=SIZES),
    st.builds(ProgramEntry, name=NAMES, sha256=SHA256, size=st.integers(1, 1 << 20)),
    st.builds(FreezeEntry, why=TEXTS, successor=optional(NAMES)),
    releases(),
    REVISED,
    ENDED,
    DISCLOSURES,
    REVOCATIONS,
    RUNS,
    models(),
)
PRIVATE: SearchStrategy[PrivateKind] = st.one_of(
    FACTS, INSTRUCTIONS, attested(FACTS), st.just(ErasedEntry())
)
# What stands at the first place, and nowhere else.
GENESES = st.builds(
    GenesisEntry,
    origin=st.just(ORIGIN),
    vkey=vkeys(ORIGIN),
    clock=st.just("system"),
    attested=st.sampled_from(["restrict", "accept"]),
    vocabulary=NAMES,
    continues=optional(st.builds(Predecessor, origin=NAMES, size=SIZES, root=KEYS)),
)
ENROLMENTS = st.builds(EnrolEntry, member=MEMBERS)
