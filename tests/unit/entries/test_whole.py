# SPDX-License-Identifier: Apache-2.0
"""A whole log is one ledger, or the entry that breaks it is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from privity.entries.attested import Evidence, Statement, attest, attester_of
from privity.entries.compose import compose_private, compose_public
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import PublicEvent
from privity.entries.fact import FactEntry
from privity.entries.genesis import GenesisEntry
from privity.entries.incident import IncidentEntry
from privity.entries.keys import KeysEntry
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.entries.streams import public_tag
from privity.entries.whole import Contents, PublicObject, WholeLog
from privity.errors import VerificationError
from privity.ledger.note import Signer, Vkey

ORIGIN = "example.com/ledger"
KEYS = [Signer(name=ORIGIN, seed=bytes([number]) * 32).vkey for number in range(4)]
FIRST, SECOND, THIRD, OTHER = KEYS
MEMBER = bytes(range(32))
ATTESTER = bytes([9]) * 32
BEGAN = 1_000


def genesis(vkey: Vkey = FIRST) -> GenesisEntry:
    return GenesisEntry(
        origin=ORIGIN,
        vkey=vkey.to_text(),
        clock="system",
        attested="restrict",
        vocabulary="1",
    )


def public(says: PublicKind, number: int = 1, time: int = BEGAN, origin: str = ORIGIN) -> bytes:
    return compose_public(says, number=number, time=time, origin=origin).data


def private(number: int, time: int = BEGAN, key: bytes = MEMBER) -> bytes:
    says = (
        EnrolEntry(member="a") if number == 1 else FactEntry(member="a", fact="joined", at=time)
    )
    return compose_private(says, key=key, number=number, time=time, origin=ORIGIN).data


def policy(version: str = "1") -> PolicyEntry:
    return PolicyEntry(
        policy="p", version=version, effective_at=BEGAN, sha256=version * 64, size=7
    )


def exchange(previous: Vkey, following: Vkey, until: int) -> KeysEntry:
    return KeysEntry(previous=previous.to_text(), vkey=following.to_text(), both_until=until)


def unknown(number: int = 1, stream: str = "later") -> bytes:
    tag = public_tag(ORIGIN, stream, number)
    event = PublicEvent(stream=stream, number=number, tag=tag, time=BEGAN, payload={})
    return event.to_bytes()


def read(*entries: bytes, signed: tuple[Vkey, ...] = (FIRST,)) -> Contents:
    log = WholeLog(ORIGIN)
    log.add(0, entries)
    return log.finish(signed)


def refused(*entries: bytes, signed: tuple[Vkey, ...] = (FIRST,)) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        read(*entries, signed=signed)
    return caught.value


BEGINNING = public(genesis())


def test_what_a_log_holds_is_counted_by_kind() -> None:
    statement = Statement(
        origin=ORIGIN,
        attester=attester_of("Ada", ATTESTER),
        claimed_at=5,
        evidence=Evidence(sha256="0" * 64),
        says=policy("2"),
    )
    found = read(
        BEGINNING,
        public(policy()),
        private(1),
        unknown(),
        private(2, time=BEGAN + 5),
        public(attest(statement, ATTESTER), time=BEGAN + 5),
    )
    assert found.genesis == genesis()
    assert found.private == 2
    assert found.public == {"attested": 1, "genesis": 1, "policy": 1}
    assert found.unknown == {"later": 1}  # [ENT-33]
    assert (found.first, found.last) == (BEGAN, BEGAN + 5)
    assert found.texts == (  # [ENT-80]
        PublicObject(index=1, what="policy", sha256="1" * 64, size=7),
        PublicObject(index=5, what="policy", sha256="2" * 64, size=7),
    )


def test_it_makes_no_difference_how_entries_are_handed_over() -> None:
    entries = [BEGINNING, public(policy()), private(1), private(2), unknown()]
    log = WholeLog(ORIGIN)
    for first in range(0, len(entries), 2):
        log.add(first, entries[first : first + 2])
    assert log.finish([FIRST]) == read(*entries)


def test_a_log_without_an_entry_holds_nothing() -> None:
    found = read(signed=(OTHER,))
    assert (found.genesis, found.first, found.last) == (None, None, None)
    assert (found.private, found.public, found.unknown) == (0, {}, {})


@pytest.mark.parametrize("entries", [(private(1), BEGINNING), (public(policy()), BEGINNING)])
def test_a_log_begins_with_its_genesis(entries: tuple[bytes, ...]) -> None:
    assert refused(*entries).code == "entry/no-genesis"  # [ENT-75]


@pytest.mark.parametrize(
    "entry",
    [
        b"{}",
        private(1)[:-1],
        BEGINNING,
        public(policy(), origin="example.com/other"),
        public(policy()).replace(b'"v":1', b'"v":2'),
    ],
)
def test_an_entry_that_may_not_stand_there_is_named(entry: bytes) -> None:
    error = refused(BEGINNING, private(1), entry)  # [ENT-76]
    assert error.message.startswith("entry 2 is ")


def test_what_a_later_version_wrote_asks_for_a_later_version() -> None:
    error = refused(BEGINNING, public(policy()).replace(b'"v":1', b'"v":2'))
    assert error.hint is not None  # [ENT-76]


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("make", [lambda number: public(policy(), number), unknown])
def test_a_public_stream_that_lacks_a_number_is_refused(
    make: Callable[[int], bytes], number: int
) -> None:
    error = refused(BEGINNING, make(number))
    assert error.code == "entry/gap"  # [ENT-77]
    assert f"entry 1 is number {number} of stream" in error.message
    assert "expected 1" in error.message


def test_a_number_that_stands_twice_is_refused() -> None:
    assert refused(BEGINNING, unknown(), unknown()).code == "entry/gap"  # [ENT-77]


def test_an_entry_out_of_turn_is_refused() -> None:
    error = refused(BEGINNING, private(1), private(2, time=BEGAN - 1))
    assert error.code == "entry/out-of-turn"  # [ENT-78]
    assert error.message == (
        "entry 2 is of 1970-01-01T00:16:39Z, and the one before it of 1970-01-01T00:16:40Z"
    )


def test_two_entries_with_one_tag_are_both_named() -> None:
    many = [private(number, key=bytes([key]) * 32) for key in range(9) for number in (1, 2)]
    assert read(BEGINNING, *many).private == 18
    error = refused(BEGINNING, *many, private(2, key=bytes([4]) * 32))
    assert error.code == "entry/tag-twice"  # [ENT-78]
    assert error.message == "entries 10 and 19 have the same tag"


def test_the_key_that_signed_is_one_that_the_log_names() -> None:
    assert refused(BEGINNING, signed=(OTHER,)).code == "entry/key-chain"  # [ENT-79]
    assert OTHER.to_text() in refused(BEGINNING, signed=(OTHER,)).message
    read(BEGINNING, signed=(OTHER, FIRST))


def test_a_former_key_signs_until_it_was_to() -> None:
    exchanged = public(exchange(FIRST, SECOND, BEGAN + 10))
    for time in (BEGAN, BEGAN + 10):
        for signed in ((FIRST,), (SECOND,), (FIRST, SECOND)):
            read(BEGINNING, exchanged, private(1, time=time), signed=signed)
    after = private(1, time=BEGAN + 11)
    read(BEGINNING, exchanged, after, signed=(SECOND,))
    read(BEGINNING, exchanged, after, signed=(FIRST, SECOND))
    error = refused(BEGINNING, exchanged, after, signed=(FIRST,))
    assert error.code == "entry/key-chain"  # [ENT-79]
    assert "exchanged for another" in error.message


def test_each_exchange_goes_on_from_the_newest_key() -> None:
    first = public(exchange(FIRST, SECOND, BEGAN))
    read(BEGINNING, first, public(exchange(SECOND, THIRD, BEGAN), 2), signed=(THIRD,))
    error = refused(BEGINNING, first, public(exchange(FIRST, THIRD, BEGAN), 2), signed=(THIRD,))
    assert error.code == "entry/key-chain"  # [ENT-79]
    assert error.message.startswith("entry 2 exchanges the key")


def test_an_entry_that_is_of_no_weight_here_is_counted_all_the_same() -> None:
    says = IncidentEntry(incident="power", text="The power went out")
    assert read(BEGINNING, public(says)).public["incident"] == 1
