# SPDX-License-Identifier: Apache-2.0
"""The kinds are those of the specification, with its keys; what may stand where is held when writing too."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from privity.entries.attested import (
    Attestable,
    AttestedEntry,
    Evidence,
    Statement,
    attest,
    attester_of,
)
from privity.entries.compose import compose_private, compose_public
from privity.entries.decode import PublicEntry, decode
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import LARGEST, PublicEvent
from privity.entries.erasure import ErasedEntry
from privity.entries.fact import FactEntry
from privity.entries.freeze import FreezeEntry
from privity.entries.kinds import PRIVATE, PUBLIC, PrivateKind, PublicKind, whose
from privity.entries.order import OrderEntry
from privity.entries.payload import Payload
from privity.entries.recipient import RecipientEntry
from privity.entries.streams import public_tag
from privity.entries.unknown import UnknownEntry
from privity.errors import InputError, PrivityError, VerificationError

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "entry"
ORIGIN = "example.com/ledger"
KEY = bytes(range(32))
SEED = bytes([7]) * 32
SHA = "0" * 64

FACT = FactEntry(member="a", fact="closed", at=1)
ORDER = OrderEntry(action="lifted", id="x", at=1)


def attested(says: Attestable, origin: str = ORIGIN) -> AttestedEntry:
    statement = Statement(
        origin=origin,
        attester=attester_of("Ada", SEED),
        claimed_at=1,
        evidence=Evidence(sha256=SHA),
        says=says,
    )
    return attest(statement, SEED)


def private(says: PrivateKind, number: int = 2) -> bytes:
    return compose_private(says, key=KEY, number=number, time=1, origin=ORIGIN).data


def public(says: PublicKind, number: int = 2) -> bytes:
    return compose_public(says, number=number, time=1, origin=ORIGIN).data


def keys_of_the_table() -> dict[str, tuple[set[str], set[str]]]:
    """For each stream or schema of the table of part 5, the keys that it must and may have."""
    table = {}
    text = (ROOT / "specs" / "entry.md").read_text("utf-8")
    text = text.partition("## 5. Kinds")[2].partition("## 6. ")[0]
    for kind, said in re.findall(r"^\| `([a-z0-9./-]+)` \| (.+) \|$", text, re.MULTILINE):
        optional = "".join(re.findall(r"\\\[(.*?)\\\]", said))
        required = re.sub(r"\\\[.*?\\\]", "", said)
        table[kind] = (
            set(re.findall(r"`([a-z_0-9]+)`", required)),
            set(re.findall(r"`([a-z_0-9]+)`", re.sub(r":.*", "", optional))),
        )
    return table


TABLE = keys_of_the_table()
SAID_ELSEWHERE = {
    "attested", "clearing", "disclosure", "release", "revocation", AttestedEntry.SCHEMA,
}  # fmt: skip


def taken(file: str) -> list[dict[str, Any]]:
    cases = json.loads((VECTORS / file).read_text("utf-8"))
    return [case["input"] for case in cases if case["output"]["taken"]]


def test_the_specification_lists_every_kind_and_no_other() -> None:
    """[ENT-40]"""
    assert sorted(TABLE) == sorted([*PUBLIC, *PRIVATE])


@pytest.mark.parametrize("kind", sorted(TABLE.keys() - SAID_ELSEWHERE))
def test_a_kind_has_the_keys_of_the_specification_and_always_will(kind: str) -> None:
    """[ENT-31] [ENT-40]"""
    seen = [json.loads(one["text"]) for one in taken("entries.json")]
    contents = [one["p"] for one in seen if one["s"] == kind]
    payloads = [json.loads(one["payload"]) for one in taken("payloads.json")]
    contents += [one["p"] for one in payloads if one["schema"] == kind]
    assert contents
    required, optional = TABLE[kind]
    assert set.intersection(*(set(one) for one in contents)) >= required
    assert set().union(*contents) == required | optional


@pytest.mark.parametrize("kind", get_args(PublicKind))
def test_no_public_kind_has_a_place_for_a_member(kind: type) -> None:
    """[ENT-15]"""
    assert "member" not in {field.name for field in dataclasses.fields(kind)}


def test_a_members_fact_is_attested_in_private_and_the_rest_in_public() -> None:
    """[ENT-68]"""
    assert attested(FACT).private
    assert private(attested(FACT))
    assert not attested(ORDER).private
    assert public(attested(ORDER))
    with pytest.raises(InputError, match="what is public"):
        public(attested(FACT))
    with pytest.raises(InputError, match="the rest is public"):
        private(attested(ORDER))


def test_a_statement_to_another_log_is_not_written() -> None:
    """[ENT-67]"""
    writings: list[Callable[[], object]] = [
        lambda: private(attested(FACT, "example.com/other")),
        lambda: public(attested(ORDER, "example.com/other")),
    ]
    for write in writings:
        with pytest.raises(VerificationError) as refused:
            write()
        assert refused.value.code == "entry/origin"


def test_a_members_stream_is_not_begun_without_its_enrolment() -> None:
    """[ENT-35]"""
    assert private(EnrolEntry(member="a"), number=1)
    for says in (FACT, attested(FACT)):
        with pytest.raises(InputError, match="is its enrolment"):
            private(says, number=1)
    instruction = FactEntry(member=None, fact="seat-instruction", value="Initech", at=1)
    assert private(instruction, number=1)


def test_whose_an_entry_is_is_said_by_what_it_says() -> None:
    """[ENT-38]"""
    assert whose(EnrolEntry(member=7)) == 7
    assert whose(FACT) == whose(attested(FACT)) == "a"
    assert whose(ErasedEntry()) is None
    assert whose(attested(ORDER)) is None
    assert whose(UnknownEntry(kind="privity/other/v1", content={})) is None


def test_an_entry_has_at_most_4096_bytes() -> None:
    """[ENT-4]"""
    tag = public_tag(ORIGIN, "witness-policy", 1)

    def event(letters: int) -> PublicEvent:
        return PublicEvent(
            stream="witness-policy", number=1, tag=tag, time=1, payload={"x": "a" * letters}
        )

    most = LARGEST - len(event(0).to_bytes())
    data = event(most).to_bytes()
    assert len(data) == LARGEST
    read = decode(data, origin=ORIGIN)
    assert isinstance(read, PublicEntry)
    assert isinstance(read.says, UnknownEntry)
    with pytest.raises(InputError, match="4097 bytes, expected at most 4096"):
        event(most + 1).to_bytes()


def test_a_payload_has_at_most_4096_bytes() -> None:
    """[ENT-4]"""
    long = FactEntry(member="a" * LARGEST, fact="closed", at=1)
    with pytest.raises(InputError) as refused:
        private(long)
    assert refused.value.code == "entry/too-large"


def test_what_no_json_can_say_is_not_written() -> None:
    """[ENT-1]"""
    with pytest.raises(InputError, match="surrogate") as refused:
        private(FactEntry(member="a", fact="notice", value="\ud800", at=1))
    assert refused.value.code == "entry/encoding"
    with pytest.raises(InputError, match="float"):
        Payload(number=1, schema="privity/x/v1", content={"x": 1.5}).to_bytes()


def test_an_entry_reads_with_words_that_no_vocabulary_has() -> None:
    """[ENT-39]"""
    says = RecipientEntry(action="added", id="lab", at=1, role="oracle")
    read = decode(public(says), origin=ORIGIN)
    assert isinstance(read, PublicEntry)
    assert read.says == says
    with pytest.raises(PrivityError, match="unknown role `oracle`"):
        says.to_fact(1)


@pytest.mark.parametrize("text", ["", " x", "x ", "a\nb", "a\x00b", "a\u202eb", "x" * 1001])
def test_a_text_is_one_line_that_shows(text: str) -> None:
    """[ENT-36]"""
    if text in {" x", "x "}:
        assert FreezeEntry(why=text).why == text
    else:
        with pytest.raises(InputError, match="characters that show"):
            FreezeEntry(why=text)
