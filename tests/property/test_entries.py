# SPDX-License-Identifier: Apache-2.0
"""Entries: what is written is read, in one spelling; what is changed is noticed; what is private stays so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st
from tests.property.made_entries import (
    ANYTHING,
    ENROLMENTS,
    FACTS,
    GENESES,
    INSTANTS,
    KEYS,
    MEMBERS,
    NUMBERS,
    ORIGIN,
    PRIVATE,
    PUBLIC,
    TIMES,
)

from privity.canonical.decode import decode_canonical
from privity.canonical.encode import NotCanonicalError, encode, encode_canonical
from privity.entries.compose import Composed, compose_private, compose_public
from privity.entries.decode import PublicEntry, decode, open_payload, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.erasure import ErasedEntry, is_erasure
from privity.entries.fact import FactEntry, entry_of
from privity.entries.kinds import PrivateKind, PublicKind
from privity.entries.payload import Payload
from privity.entries.receipts import LostEntry, Receipt, ReceiptEvent, open_receipt
from privity.entries.seal import seal, unseal
from privity.entries.streams import commit, event_key, public_tag, tag_of
from privity.entries.unknown import UnknownEntry
from privity.errors import PrivityError, VerificationError
from privity.members.facts import MemberId
from privity.testing.worlds import RandomWorld, facts_of, worlds

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | ANYTHING,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=4), inner)
    ),
    max_leaves=8,
)


def composed(says: PrivateKind, key: bytes, number: int, time: int) -> Composed:
    return compose_private(says, key=key, number=number, time=time, origin=ORIGIN)


def opened(new: Composed) -> MemberEvent:
    event = decode(new.data, origin=ORIGIN)
    assert isinstance(event, MemberEvent)
    return event


# --- one spelling ---


@given(JSON)
def test_a_value_of_the_subset_is_written_once_and_read_again(value: Any) -> None:
    """[ENT-1] [ENT-2]"""
    data = encode_canonical(value)
    assert decode_canonical(data) == value
    assert encode_canonical(decode_canonical(data)) == data
    assert encode(value) == data


@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]":,\\u0019eE+-. truefalsnd', max_size=24).map(str.encode)
)
def test_what_is_read_from_bytes_gives_these_bytes_again(data: bytes) -> None:
    """[ENT-2]"""
    try:
        value = decode_canonical(data)
    except NotCanonicalError:
        return
    assert encode_canonical(value) == data


@given(st.binary(max_size=200))
def test_bytes_at_random_are_refused_as_an_input_and_break_nothing(data: bytes) -> None:
    """[ENT-10] [ENT-11]"""
    with pytest.raises(PrivityError):
        decode(data, origin=ORIGIN)


# --- what is written is read ---


@given(PUBLIC, NUMBERS, TIMES)
def test_a_public_entry_is_read_as_it_was_made(
    says: PublicKind, number: int, time: int
) -> None:
    """[ENT-11] [ENT-23] [ENT-40]"""
    new = compose_public(says, number=number, time=time, origin=ORIGIN)
    entry = decode(new.data, origin=ORIGIN)
    assert isinstance(entry, PublicEntry)
    assert entry.says == says
    assert (entry.event.stream, entry.event.number) == (says.STREAM, number)
    assert (entry.event.time, entry.event.tag) == (time, new.tag)
    assert new.tag == public_tag(ORIGIN, says.STREAM, number)
    assert entry.event.to_bytes() == new.data
    assert new.sealed is None


@given(GENESES, TIMES)
def test_a_genesis_is_read_as_it_was_made(says: PublicKind, time: int) -> None:
    """[ENT-34] [ENT-41]"""
    new = compose_public(says, number=1, time=time, origin=ORIGIN)
    entry = decode(new.data, origin=ORIGIN)
    assert isinstance(entry, PublicEntry)
    assert entry.says == says
    with pytest.raises(PrivityError):
        compose_public(says, number=2, time=time, origin=ORIGIN)


@given(PRIVATE, KEYS, NUMBERS, TIMES)
def test_a_private_entry_opens_as_it_was_made(
    says: PrivateKind, key: bytes, number: int, time: int
) -> None:
    """[ENT-10] [ENT-27] [ENT-52] [ENT-65]"""
    new = composed(says, key, number, time)
    event = opened(new)
    assert event.to_bytes() == new.data
    # The template of the envelope is the canonical spelling.
    assert encode_canonical(json.loads(new.data)) == new.data
    assert new.sealed is not None
    entry = open_sealed(event, new.sealed, key=key, number=number, origin=ORIGIN)
    assert (entry.says, entry.number, entry.event.time) == (says, number, time)


@given(ENROLMENTS, KEYS, TIMES)
def test_an_enrolment_is_the_first_of_its_stream(
    says: EnrolEntry, key: bytes, time: int
) -> None:
    """[ENT-35] [ENT-51]"""
    new = composed(says, key, 1, time)
    assert new.sealed is not None
    entry = open_sealed(opened(new), new.sealed, key=key, number=1, origin=ORIGIN)
    assert entry.says == says
    with pytest.raises(PrivityError):
        composed(says, key, 2, time)


@given(worlds(records=1))
def test_a_fact_comes_back_from_its_entry_but_for_when_it_was_recorded(
    world: RandomWorld,
) -> None:
    """[ENT-12] [ENT-52] [ENT-53]"""
    for fact in facts_of(world.facts):
        assert entry_of(fact).to_fact(fact.recorded_at) == fact


# --- what is changed is noticed ---


def flip(data: bytes, place: int) -> bytes:
    flipped = bytearray(data)
    flipped[place // 8 % len(data)] ^= 1 << place % 8
    return bytes(flipped)


def is_object(value: object) -> bool:
    return isinstance(value, dict)


def places(value: Any) -> Iterator[Callable[[Callable[[Any], Any]], Any]]:
    """For each value within a value, what changes it and gives the whole."""
    yield lambda change: change(value)
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        for inside in places(item):

            def changed(
                change: Callable[[Any], Any], key: Any = key, inside: Any = inside
            ) -> Any:
                copy = dict(value) if isinstance(value, dict) else list(value)
                copy[key] = inside(change)
                return copy

            yield changed


def wrong_types(value: Any) -> list[Any]:
    """Values of every other type than this one's."""
    others: list[Any] = [None, True, 7, "seven", [1], {"a": 1}]
    return [one for one in others if type(one) is not type(value)]


def spelled_otherwise(data: bytes) -> Iterator[bytes]:
    """The same value in other bytes."""
    value = json.loads(data)
    yield json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    yield json.dumps(value, ensure_ascii=False, sort_keys=True, indent=0).encode()
    yield data + b"\n"
    yield b" " + data
    yield b"\xef\xbb\xbf" + data
    backwards = dict(reversed(value.items()))
    yield json.dumps(backwards, ensure_ascii=False, separators=(",", ":")).encode()
    for key, item in value.items():
        pair = f"{json.dumps(key)}:{json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
        yield data.replace(pair.encode(), f"{pair},{pair}".encode(), 1)
        if isinstance(item, int):
            yield data.replace(pair.encode(), f"{pair}.0".encode(), 1)
            yield data.replace(pair.encode(), f"{pair}e0".encode(), 1)
            yield data.replace(pair.encode(), pair.replace(":", ":0", 1).encode(), 1)


@given(PUBLIC, NUMBERS)
def test_a_public_entry_is_refused_in_other_bytes(says: PublicKind, number: int) -> None:
    """[ENT-2]"""
    whole = compose_public(says, number=number, time=0, origin=ORIGIN).data
    for other in spelled_otherwise(whole):
        assert other != whole
        with pytest.raises(PrivityError):
            decode(other, origin=ORIGIN)


@given(PUBLIC, NUMBERS, st.data())
def test_a_public_entry_is_refused_with_another_type_or_a_key_more(
    says: PublicKind, number: int, data: st.DataObject
) -> None:
    """[ENT-1] [ENT-11] [ENT-32]"""
    value = json.loads(compose_public(says, number=number, time=0, origin=ORIGIN).data)
    change = data.draw(st.sampled_from(list(places(value))))
    which = data.draw(st.integers(0, 4))
    mutants = [change(lambda seen: wrong_types(seen)[which % len(wrong_types(seen))])]
    mutants.append(change(lambda seen: {**seen, "x": 1} if is_object(seen) else 0.5))
    for mutant in mutants:
        with pytest.raises(PrivityError):
            decode(spelled(mutant), origin=ORIGIN)


@given(PUBLIC, NUMBERS, st.data())
def test_a_public_entry_without_one_of_its_keys_is_another_one_or_none(
    says: PublicKind, number: int, data: st.DataObject
) -> None:
    """[ENT-11] [ENT-32]"""
    value = json.loads(compose_public(says, number=number, time=0, origin=ORIGIN).data)
    keys = [(value, key) for key in value] + [(value["p"], key) for key in value["p"]]
    where, key = data.draw(st.sampled_from(keys))
    del where[key]
    try:
        entry = decode(spelled(value), origin=ORIGIN)
    except PrivityError:
        return
    assert isinstance(entry, PublicEntry)
    assert entry.says != says
    assert not isinstance(entry.says, UnknownEntry)
    assert entry.says.to_payload() == value["p"]


def spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@given(PUBLIC, NUMBERS, st.integers(min_value=0))
def test_a_bit_that_flips_in_a_public_entry_makes_another_entry_or_none(
    says: PublicKind, number: int, place: int
) -> None:
    """[ENT-2] [ENT-24]"""
    whole = compose_public(says, number=number, time=0, origin=ORIGIN).data
    flipped = flip(whole, place)
    try:
        entry = decode(flipped, origin=ORIGIN)
    except PrivityError:
        return
    # What reads is said in these bytes alone: the log's hash of them notices the rest.
    assert isinstance(entry, PublicEntry)
    assert entry.event.to_bytes() == flipped
    assert json.loads(flipped) != json.loads(whole)


@given(PRIVATE, KEYS, NUMBERS, TIMES, st.integers(min_value=0))
def test_a_bit_that_flips_in_a_private_entry_keeps_it_shut(
    says: PrivateKind, key: bytes, number: int, time: int, place: int
) -> None:
    """[ENT-10] [ENT-27]"""
    new = composed(says, key, number, time)
    assert new.sealed is not None
    flipped = flip(new.data, place)
    try:
        event = parse_event(flipped)
    except PrivityError:
        return
    assert isinstance(event, MemberEvent)
    assert event.to_bytes() == flipped
    if event.time == time:
        with pytest.raises(VerificationError):
            open_sealed(event, new.sealed, key=key, number=number, origin=ORIGIN)


@given(KEYS, NUMBERS, st.binary(max_size=40))
def test_a_bit_that_flips_anywhere_in_a_sealed_payload_keeps_it_shut(
    key: bytes, number: int, payload: bytes
) -> None:
    """[ENT-25] [ENT-26]"""
    sealed = seal(key, number, payload)
    assert unseal(key, number, sealed) == payload
    for place in range(8 * len(sealed)):
        with pytest.raises(VerificationError):
            unseal(key, number, flip(sealed, place))
    for end in range(len(sealed)):
        with pytest.raises(VerificationError):
            unseal(key, number, sealed[:end])
    with pytest.raises(VerificationError):
        unseal(key, number, sealed + b"\0")


@given(KEYS, KEYS, NUMBERS, NUMBERS, st.binary(max_size=40))
def test_a_sealed_payload_opens_with_its_key_and_number_alone(
    key: bytes, other: bytes, number: int, another: int, payload: bytes
) -> None:
    """[ENT-26]"""
    assume(key != other and number != another)
    sealed = seal(key, number, payload)
    for wrong in ((other, number), (key, another)):
        with pytest.raises(VerificationError):
            unseal(*wrong, sealed)


# --- what is private stays so ---


@given(st.sets(st.tuples(KEYS, st.integers(1, 2**53 - 1)), min_size=2, max_size=20))
def test_no_two_events_of_any_streams_share_a_key_or_a_tag(
    events: set[tuple[bytes, int]],
) -> None:
    """[ENT-20] [ENT-21]"""
    keys = {event_key(key, number) for key, number in events}
    assert len(keys) == len(events)
    assert len({tag_of(key) for key in keys}) == len(events)


@given(KEYS, st.lists(FACTS, min_size=2, max_size=6))
def test_the_key_of_one_event_opens_that_event_and_no_other(
    key: bytes, facts: list[FactEntry]
) -> None:
    """[ENT-20] [ENT-27]"""
    payloads = [
        Payload(number=number, schema=fact.SCHEMA, content=fact.to_payload()).to_bytes()
        for number, fact in enumerate(facts, 2)
    ]
    events = [opened(composed(fact, key, number, 0)) for number, fact in enumerate(facts, 2)]
    for number, own in enumerate(payloads):
        one = event_key(key, number + 2)
        assert open_payload(events[number], own, key=one, origin=ORIGIN).says == facts[number]
        for other, event in enumerate(events):
            if other != number:
                for payload in payloads:
                    with pytest.raises(VerificationError):
                        open_payload(event, payload, key=one, origin=ORIGIN)
        # It is no key of a stream either: no event of this stream follows from it.
        for following in range(1, len(facts) + 3):
            assert tag_of(event_key(one, following)) not in {event.tag for event in events}


@given(KEYS, KEYS, st.lists(FACTS, min_size=2, max_size=6))
def test_without_the_key_entries_of_one_stream_are_as_far_apart_as_those_of_two(
    key: bytes, other: bytes, facts: list[FactEntry]
) -> None:
    """[ENT-10] [ENT-21] [ENT-22] [ENT-61]"""
    assume(key != other)
    seen = []
    for number, fact in enumerate(facts, 2):
        for stream in (key, other):
            event = opened(composed(fact, stream, number, 0))
            seen += [event.commitment, event.tag]
    # Nothing recurs: not a commitment to the same words, not a tag, not six bytes of one.
    windows = [one[place : place + 6] for one in seen for place in range(27)]
    assert len(set(windows)) == len(windows)


@given(FACTS, KEYS, NUMBERS)
def test_a_private_entry_has_the_same_form_whatever_it_says(
    fact: FactEntry, key: bytes, number: int
) -> None:
    """[ENT-10] [ENT-15]"""
    told, ended = composed(fact, key, number, 1), composed(ErasedEntry(), key, number, 1)
    assert len(told.data) == len(ended.data)
    assert json.loads(told.data).keys() == json.loads(ended.data).keys()
    digits = str(fact.member).encode()
    assert len(digits) < 6 or digits not in told.data


@given(KEYS, KEYS, st.binary(max_size=30), st.binary(max_size=30))
def test_a_commitment_binds_its_opening_and_its_payload(
    opening: bytes, other: bytes, payload: bytes, another: bytes
) -> None:
    """[ENT-22]"""
    assume(opening != other and payload != another)
    found = {commit(one, text) for one in (opening, other) for text in (payload, another)}
    assert len(found) == 4
    # Where the opening ends and the payload begins cannot be moved.
    for cut in (31, 33):
        with pytest.raises(PrivityError):
            commit((opening + payload + b"\0")[:cut], payload)


@given(KEYS, KEYS, NUMBERS, TIMES, PRIVATE)
def test_the_end_of_a_stream_is_known_from_its_key_alone(
    key: bytes, other: bytes, number: int, time: int, says: PrivateKind
) -> None:
    """[ENT-60]"""
    assume(key != other)
    ended = opened(composed(ErasedEntry(), key, number, time))
    assert is_erasure(ended, key=key, number=number)
    assert not is_erasure(ended, key=other, number=number)
    assert not is_erasure(ended, key=key, number=number - 1)
    event = opened(composed(says, key, number, time))
    assert is_erasure(event, key=key, number=number) == isinstance(says, ErasedEntry)


# --- receipts ---


@st.composite
def receipts(draw: st.DrawFn) -> tuple[Receipt, list[PrivateKind | None]]:
    key, member = draw(KEYS), draw(MEMBERS)
    facts = draw(st.lists(FACTS, max_size=3))
    said: list[PrivateKind | None] = [EnrolEntry(member=member)]
    said += [
        FactEntry(
            member=member, fact=fact.fact, value=fact.value, at=fact.at, detail=fact.detail
        )
        for fact in facts
    ]
    events = []
    for number, says in enumerate(said, 1):
        assert says is not None
        new = composed(says, key, number, draw(TIMES))
        assert new.sealed is not None
        lost = number > 1 and draw(st.booleans())
        events.append(
            ReceiptEvent(
                index=10 * number + draw(st.integers(0, 9)),
                entry=new.data,
                payload=None if lost else unseal(key, number, new.sealed),
            )
        )
        if lost:
            said[number - 1] = None
    return Receipt(origin=ORIGIN, member=member, key=key, events=tuple(events)), said


@given(receipts())
def test_a_receipt_is_read_and_opened_as_it_was_made(
    made: tuple[Receipt, list[PrivateKind | None]],
) -> None:
    """[ENT-70] [ENT-71] [ENT-72]"""
    receipt, said = made
    read = Receipt.parse(receipt.to_bytes())
    assert read == receipt
    assert [
        None if isinstance(entry, LostEntry) else entry.says for entry in open_receipt(read)
    ] == said
    assert receipt.key.hex() not in repr(receipt)


@given(receipts(), st.integers(min_value=0))
def test_a_bit_that_flips_in_a_receipt_breaks_it_or_shows(
    made: tuple[Receipt, list[PrivateKind | None]], place: int
) -> None:
    """[ENT-70] [ENT-72]"""
    whole = made[0].to_bytes()
    flipped = flip(whole, place)
    try:
        read = Receipt.parse(flipped)
        open_receipt(read)
    except PrivityError:
        return
    # Origin, indices and times are held by the proofs of the log; nothing else may have changed.
    assert read.to_bytes() == flipped
    assert (read.member, read.key) == (made[0].member, made[0].key)
    assert [one.payload for one in read.events] == [one.payload for one in made[0].events]


@given(KEYS, MEMBERS, INSTANTS)
def test_a_stored_payload_says_nothing_of_when_it_was_recorded(
    key: bytes, member: MemberId, at: int
) -> None:
    """[ENT-12] [ENT-52]"""
    fact = FactEntry(member=member, fact="closed", at=at)
    early, late = composed(fact, key, 2, 1), composed(fact, key, 2, 2)
    assert early.sealed == late.sealed
    assert opened(early).commitment == opened(late).commitment
    assert early.data != late.data
