# SPDX-License-Identifier: Apache-2.0
"""Lies about a member's stream: whose it is, what it says, and in which log it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.web.forging import (
    MEMBER,
    NOW,
    ORIGIN,
    OTHER,
    SIGNERS,
    Cases,
    Change,
    Story,
    alone,
    both,
    but,
    entered,
    fact,
    in_file,
    proof,
    receipt,
    together,
)
from tests.web.made_checks import Value

from privity.canonical.encode import encode_canonical
from privity.entries.fields import in_base64


def lost(*numbers: int) -> Change:
    return lambda story: story.lost.update(numbers)


def of_nobody(story: Story) -> None:
    story.payloads[0] = ("privity/enrol/v1", {"member": "somebody"})
    story.payloads[1:] = [("privity/later/v1", {}), ("privity/later/v1", {})]
    story.lost = {1, 2, 3}


STREAMS: Final[Cases] = (
    ("plain", "what an honest platform signs", lambda _story: None),
    ("lost-enrolment", "her enrolment is lost, and still says whose stream it is", lost(1)),
    ("lost-all", "all payloads are lost", lost(1, 2, 3)),
    (
        "lost-stranger",
        "the stream of another, all of whose payloads are said to be lost",
        of_nobody,
    ),
    (
        "enrolled-nobody",
        "an enrolment that names nobody, for whoever asks",
        entered(1, "privity/enrol/v1", {}),
    ),
    (
        "enrolled-null",
        "an enrolment of null",
        entered(1, "privity/enrol/v1", {"member": None}),
    ),
    (
        "enrolled-twice",
        "an enrolment that is not the first",
        entered(2, "privity/enrol/v1", {"member": MEMBER}),
    ),
    (
        "not-enrolled",
        "a stream that begins with what this version does not know",
        entered(1, "privity/later/v1", {"member": MEMBER}),
    ),
    (
        "later",
        "a schema that this version does not know is kept",
        entered(3, "privity/later/v1", {"member": "x"}),
    ),
    (
        "constructor",
        "a schema that has the name of something that JavaScript has",
        entered(3, "constructor", {"member": "x"}),
    ),
    (
        "later-text",
        "a schema that this version does not know, and a text",
        entered(3, "privity/later/v1", "x"),
    ),
    (
        "later-list",
        "a schema that this version does not know, and a list",
        entered(3, "privity/later/v1", []),
    ),
    (
        "other-number",
        "a payload that says it is another event",
        lambda story: story.numbers.update({3: 2}),
    ),
    (
        "payload-whole",
        "a payload of 4096 bytes",
        entered(3, "privity/later/v1", {"x": "x" * (4096 - 48)}),
    ),
    (
        "payload-large",
        "a payload of 4097 bytes",
        entered(3, "privity/later/v1", {"x": "x" * (4097 - 48)}),
    ),
    ("no-schema", "a schema that does not show", entered(3, " \u200b", {})),
    (
        "fact-of-another",
        "a fact of another member",
        entered(3, "privity/fact/v1", fact("setting", "on", "ben")),
    ),
    (
        "fact-of-nobody",
        "a fact of the platform",
        entered(3, "privity/fact/v1", fact("seat-instruction", "acme", None)),
    ),
    (
        "fact-of-a-number",
        "a fact of the number of her name",
        entered(
            3,
            "privity/fact/v1",
            fact("joined", "") | {"member": "7", "member_type": "integer"},
        ),
    ),
    (
        "fact-no-detail",
        "a fact without its detail",
        entered(
            3,
            "privity/fact/v1",
            {"at": NOW, "fact": "joined", "member": MEMBER, "value": ""},
        ),
    ),
    (
        "detail-text",
        "a text for a detail",
        entered(3, "privity/fact/v1", fact("joined", "") | {"detail": ""}),
    ),
    (
        "detail-array",
        "a list for a detail",
        entered(3, "privity/fact/v1", fact("joined", "") | {"detail": []}),
    ),
    (
        "detail-word",
        "a detail whose name is no word",
        entered(3, "privity/fact/v1", fact("setting", "on", **{"A b": "x"})),
    ),
    (
        "detail-list",
        "a list of texts in a detail",
        entered(3, "privity/fact/v1", fact("setting", "on", purposes=["a", "b"])),
    ),
    (
        "detail-numbers",
        "a list of numbers in a detail",
        entered(3, "privity/fact/v1", fact("setting", "on", purposes=[1])),
    ),
)
"""Lies about whose stream it is, and what it says."""


def stated(
    change: Callable[[Value], None] = lambda _said: None, *, signed: bool = True
) -> Change:
    said: Value = {
        "attester": {"key": in_base64(SIGNERS[OTHER].vkey.public), "name": "A notary"},
        "claimed_at": NOW - 9, "evidence": {"sha256": "a" * 64}, "kind": "fact", "origin": ORIGIN,
        "says": fact("joined", ""),
    }  # fmt: skip
    change(said)
    key = Ed25519PrivateKey.from_private_bytes(SIGNERS[OTHER].seed)
    message = b"privity/attested/v1\0" + (encode_canonical(said) if signed else b"{}")
    return entered(3, "privity/attested/v1", said | {"signature": in_base64(key.sign(message))})


def address(url: str) -> Change:
    return stated(lambda said: but(said["evidence"], url=url))


ATTESTED: Final[Cases] = (
    ("attested", "what a notary says and signed", stated()),
    ("attested-unsigned", "what a notary did not sign", stated(signed=False)),
    (
        "attested-other-log",
        "what a notary said to another log",
        stated(lambda said: but(said, origin=OTHER)),
    ),
    (
        "attested-origin",
        "a log’s name with a blank",
        stated(lambda said: but(said, origin=f"{ORIGIN} ")),
    ),
    (
        "attested-kind",
        "a fact that is said to be a policy",
        stated(lambda said: but(said, kind="policy")),
    ),
    (
        "attested-other",
        "what a notary says of another member",
        stated(lambda said: but(said, says=fact("joined", "", "ben"))),
    ),
    (
        "attested-claimed",
        "a claim beyond the year 9999",
        stated(lambda said: but(said, claimed_at=253_402_300_800)),
    ),
    (
        "attested-name",
        "a notary without a name",
        stated(lambda said: but(said["attester"], name="")),
    ),
    (
        "attested-key",
        "a key of small order, under which everything is signed",
        stated(lambda said: but(said["attester"], key=in_base64(bytes(32)))),
    ),
    (
        "attested-more",
        "a key too many of the notary",
        stated(lambda said: but(said["attester"], notes="")),
    ),
    (
        "attested-evidence",
        "evidence in upper case",
        stated(lambda said: but(said["evidence"], sha256="A" * 64)),
    ),
    (
        "attested-evidence-more",
        "a key too many of the evidence",
        stated(lambda said: but(said["evidence"], notes="")),
    ),
    (
        "attested-says-more",
        "a key too many in what is said",
        stated(lambda said: but(said["says"], notes="")),
    ),
    ("url", "an address", address("https://example.com/" + "\U0001f4a1" * 490 + "x" * 490)),
    (
        "url-long",
        "an address of 1001 characters",
        address("https://example.com/" + "x" * 981),
    ),
    ("url-script", "an address that is a script", address("javascript:alert(1)")),
    ("url-null", "an address that is null", address("null")),
)
"""Statements of somebody, in her stream."""


def emptied(file: Value) -> None:
    but(file["receipt"], events=[])
    but(file, proofs=[])


def swapped(file: Value) -> None:
    file["receipt"]["events"].reverse()


def at(number: int, **changed: object) -> Change:
    return in_file(lambda file: but(file["receipt"]["events"][number], **changed))


def time(story: Story) -> None:
    def change(file: Value) -> None:
        one = file["receipt"]["events"][2]
        one["entry"] = one["entry"].replace(f'"t":{NOW + 3}', '"t":253402300800')

    story.file = change


RECEIPTS: Final[Cases] = (
    ("origin-blank", "a log’s name with a blank at its end", both(origin=f"{ORIGIN} ")),
    (
        "origin-hidden",
        "a log’s name with something that does not show",
        both(origin=f"{ORIGIN}\u202e"),
    ),
    ("origin-long", "a log’s name of 201 characters", both(origin="x" * 201)),
    ("origin-number", "a log’s name that is a number", both(origin=7)),
    (
        "origin-proof",
        "a name with a blank in the proof of releases",
        proof(origin=f" {ORIGIN}"),
    ),
    ("member-empty", "nobody’s name", both(member="")),
    ("member-null", "null for a member", both(member="null")),
    ("member-type", "a type of id that is none", both(member_type="text")),
    ("member-word", "a word that is said to be an integer", both(member_type="integer")),
    (
        "member-zero",
        "an integer with a zero in front",
        both(member="07", member_type="integer"),
    ),
    (
        "member-large",
        "an integer of more than 64 bits",
        both(member=str(1 << 63), member_type="integer"),
    ),
    ("member-other", "a receipt of one, a proof of another", proof(member="ben")),
    ("origin-other", "a receipt of one log, a proof of another", proof(origin=OTHER)),
    (
        "receipt-schema",
        "another schema of the receipt",
        receipt(schema="privity/receipt/v2"),
    ),
    (
        "proof-schema",
        "another schema of the proof",
        proof(schema="privity/member-proof/v2"),
    ),
    ("receipt-more", "a key too many in the receipt", receipt(notes="")),
    ("receipt-null", "a type that is null", receipt(member_type="null")),
    ("receipt-no-key", "a receipt without the key", receipt(key=None)),
    ("receipt-key", "a key of 31 bytes", receipt(key=in_base64(bytes(31)))),
    ("receipt-key-null", "a key that is null", receipt(key="null")),
    ("receipt-key-none", "a key that is no base64", receipt(key="?")),
    ("receipt-events", "events that are no list", receipt(events={})),
    ("receipt-empty", "a receipt without events", in_file(emptied)),
    ("events-back", "events the other way round", in_file(swapped)),
    ("event-payload", "a payload that is no text", at(2, payload=7)),
    ("event-null", "a payload that is null", at(2, payload="null")),
    ("event-index", "an index that is a fraction of nothing", at(2, index=-1)),
    ("event-index-text", "an index as text", at(2, index="2")),
    ("event-entry", "an entry that is a number", at(2, entry=7)),
    (
        "event-last",
        "an event at the end of the year 9999",
        lambda story: setattr(story, "last", 253_402_300_799),
    ),
    ("event-late", "an event after the year 9999", time),
    ("proofs-none", "proofs that are no list", in_file(lambda file: but(file, proofs={}))),
    (
        "proofs-numbers",
        "proofs that are numbers",
        in_file(lambda file: but(file, proofs=[1])),
    ),
    (
        "releases-list",
        "a list for the proof of releases",
        in_file(lambda file: but(file, releases=[])),
    ),
    ("releases-text", "a text for the releases", proof(releases="")),
)
"""Receipts that no platform makes."""


def of(**places: tuple[str, int]) -> Change:
    return lambda story: story.logs.update(places)


LOGS: Final[Cases] = (
    (
        "log-grown",
        "the releases are of an older log than the events",
        of(release=(ORIGIN, 4)),
    ),
    (
        "log-grown-events",
        "the last event is of a newer log than the others",
        of(last=(ORIGIN, 6)),
    ),
    (
        "log-other-events",
        "all events are in another log, whose key is believed too",
        of(events=(OTHER, 5), last=(OTHER, 5)),
    ),
    (
        "log-other-alone",
        "a proof alone, in another log, whose key is believed too",
        together(of(release=(OTHER, 5)), alone),
    ),
    (
        "log-other-release",
        "the release is in another log, whose key is believed too",
        of(release=(OTHER, 5)),
    ),
)
"""Files whose parts are of several logs; of each the right key has signed the checkpoint."""
