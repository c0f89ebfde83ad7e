# SPDX-License-Identifier: Apache-2.0
"""A platform that has the log's key, and lies: what it enters and signs, and what it gives to a member.

Every hash and every signature is right. Seeds and keys are fixed, so each time gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.web.made_checks import Value

from privity.canonical.encode import encode_canonical
from privity.entries.envelope import MemberEvent, PublicEvent
from privity.entries.fields import in_base64
from privity.entries.streams import commit, event_key, public_tag, tag_of
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.forms import from_base64
from privity.ledger.note import Signer
from privity.ledger.prefix import (
    Leaf,
    PrefixTree,
)
from privity.ledger.proof_file import ProofFile
from privity.ledger.tree import leaf_hash, node_hash
from privity.release.tags import release_tag, value_of

ORIGIN, OTHER = "example.com/forged", "example.com/other"
SIGNERS = {
    ORIGIN: Signer(name=ORIGIN, seed=bytes(32)),
    OTHER: Signer(name=OTHER, seed=bytes([1] * 32)),
}
VKEY = SIGNERS[ORIGIN].vkey.to_text()
BOTH = "\n".join(one.vkey.to_text() for one in SIGNERS.values())
KEY, WITHOUT, SALT = bytes(range(32)), bytes([7] * 32), bytes([9] * 32)
NOW = 1_790_000_000
MEMBER = "ana"
RELEASE = "spring"
RECORDS = ("post-1", "post-2", "\ue000", "\U0001f4a1")
"""The last two stand the other way round where texts are compared by halves of surrogates."""

Change = Callable[["Story"], None]
Cases = Sequence[tuple[str, str, Change]]


@dataclass(kw_only=True)
class Story:
    """What a platform enters, and what of it goes into a file; each case changes something before it is signed.

    Attributes:
        payloads: What her stream says, from number 1.
        lost: The numbers whose payloads the platform says it lost.
        numbers: The numbers that payloads say, where they are not their own.
        last: When the last event was entered.
        key: Of her stream.
        release: What the entry of the release says.
        leaves: Under which tags the release has records.
        claims: What the file asks of the release.
        entry: Gives the release's entry, of what it says.
        logs: In which log, and of how many further entries, each proof is: of the events, and of the release.
        file: Changes the file, at the end.
    """

    payloads: list[tuple[str, object]]
    lost: set[int] = field(default_factory=set)
    numbers: dict[int, int] = field(default_factory=dict)
    last: int = NOW + 3
    key: bytes = KEY
    release: Value
    leaves: dict[bytes, tuple[str, ...]]
    claims: list[Value]
    entry: Callable[[Value], bytes]
    logs: dict[str, tuple[str, int]] = field(default_factory=dict)
    file: Callable[[Value], None] = lambda _file: None


def plain() -> Story:
    """Give what an honest platform would enter."""
    says = {
        "action": "created",
        "clearing": "c-1",
        "content": {
            "columns": "0" * 64, "files": 1, "files_root": in_base64(bytes(32)), "manifest": "1" * 64,
            "members": 1, "rows": 4, "size": 100,
        },
        "key": in_base64(SIGNERS[OTHER].vkey.public),
        "ledger_size": 3,
        "purpose": "genai-training",
        "recipient": "lab",
        "release": RELEASE,
    }  # fmt: skip
    return Story(
        payloads=[
            ("privity/enrol/v1", {"member": MEMBER}),
            ("privity/fact/v1", fact("joined", "")),
            ("privity/fact/v1", fact("setting", "off", setting="genai-improvement")),
        ],
        release=says,
        leaves={KEY: RECORDS, bytes([3] * 32): ("post-9",)},
        claims=[{"by": "release"}, {"by": "stream"}],
        entry=public,
    )


def fact(name: str, value: str, member: str | None = MEMBER, **detail: object) -> Value:
    return {"at": NOW, "detail": detail, "fact": name, "member": member, "value": value}


def public(
    says: Value,
    *,
    stream: str = "release",
    number: int = 1,
    origin: str = ORIGIN,
    time: int = NOW,
) -> bytes:
    tag = public_tag(origin, stream, number)
    return PublicEvent(
        stream=stream, number=number, tag=tag, time=time, payload=says
    ).to_bytes()


def events_of(story: Story) -> list[tuple[bytes, bytes]]:
    """Give each entry of her stream, with its payload."""
    found = []
    for number, (schema, content) in enumerate(story.payloads, 1):
        says_number = story.numbers.get(number, number)
        payload = encode_canonical({"i": says_number, "p": content, "schema": schema})
        key = event_key(story.key, number)
        time = story.last if number == len(story.payloads) else NOW + number
        event = MemberEvent(commitment=commit(key, payload), tag=tag_of(key), time=time)
        found.append((event.to_bytes(), payload))
    return found


def log_of(entries: list[bytes], more: int, origin: str) -> Callable[[bytes], str]:
    """Sign a log of these entries and some more; gives what proves an entry of it."""
    hashes = [leaf_hash(one) for one in (*entries, *(b"more %d" % at for at in range(more)))]
    checkpoint = Checkpoint(origin=origin, size=len(hashes), root=root_of(hashes))
    note = SIGNERS[origin].sign(checkpoint.to_text())

    def prove(entry: bytes) -> str:
        index = hashes.index(leaf_hash(entry))
        proof = ProofFile(index=index, hashes=tuple(way_of(hashes, index)), checkpoint=note)
        return proof.to_bytes().decode()

    return prove


def root_of(hashes: list[bytes]) -> bytes:
    """Give the root over leaves, as RFC 6962 says it, 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:middle]), root_of(hashes[middle:]))


def way_of(hashes: list[bytes], index: int) -> Iterator[bytes]:
    """Give the hashes beside the way from a leaf to the root (RFC 6962, 2.1.1)."""
    if len(hashes) == 1:
        return
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    left, right = hashes[:middle], hashes[middle:]
    if index < middle:
        yield from way_of(left, index)
        yield root_of(right)
    else:
        yield from way_of(right, index - middle)
        yield root_of(left)


def file_of(story: Story) -> Value:
    """Give the file."""
    leaves = sorted(
        Leaf(release_tag(key, RELEASE), value_of(SALT, records))
        for key, records in story.leaves.items()
    )
    tree = PrefixTree(leaves)
    said = story.release.get("content")
    if isinstance(said, dict):
        said.setdefault("members_root", in_base64(tree.root))
    events, entry = events_of(story), story.entry(story.release)
    entries = [*(data for data, _ in events), entry]
    provers = {
        part: log_of(entries, more, origin)
        for part, (origin, more) in (
            {"events": (ORIGIN, 5), "last": (ORIGIN, 5), "release": (ORIGIN, 5)} | story.logs
        ).items()
    }
    claims = [claim_of(story, tree, one) for one in story.claims]
    file = {
        "proofs": [
            provers["last" if data == events[-1][0] else "events"](data) for data, _ in events
        ],
        "receipt": {
            "events": [
                {"entry": data.decode(), "index": at}
                | ({} if at + 1 in story.lost else {"payload": payload.decode()})
                for at, (data, payload) in enumerate(events)
            ],
            "key": in_base64(story.key),
            "member": MEMBER,
            "origin": ORIGIN,
            "schema": "privity/receipt/v1",
        },
        "releases": {
            "member": MEMBER,
            "origin": ORIGIN,
            "releases": [
                {"claims": claims, "entry": entry.decode(), "log": provers["release"](entry)}
            ],
            "schema": "privity/member-proof/v1",
        },
        "schema": "privity/check/v1",
    }
    story.file(file)
    return file


def claim_of(story: Story, tree: PrefixTree, asked: Value) -> Value:
    """Give what is shown of one tag; what is asked stands over what would be right."""
    key = story.key if asked.get("by") == "stream" else WITHOUT
    tag = release_tag(key, RELEASE)
    records = story.leaves.get(key)
    made: Value = {"proof": in_base64(tree.prove(tag).to_bytes()), "tag": in_base64(tag)}
    if key == WITHOUT:
        made["key"] = in_base64(WITHOUT)
    if records is not None:
        made |= {"records": list(records), "salt": in_base64(SALT)}
    return {name: value for name, value in (made | asked).items() if value is not None}


def but(value: Value, **changed: object) -> None:
    """Change keys of a value; None takes one away, and the text `null` says null."""
    for key, one in changed.items():
        if one is None:
            del value[key]
        else:
            value[key] = None if one == "null" else one


def says(**changed: object) -> Change:
    return lambda story: but(story.release, **changed)


def content(**changed: object) -> Change:
    return lambda story: but(story.release["content"], **changed)


def entered(number: int, schema: str, said: object) -> Change:
    return lambda story: story.payloads.__setitem__(number - 1, (schema, said))


def in_file(change: Callable[[Value], None]) -> Change:
    return lambda story: setattr(story, "file", change)


def receipt(**changed: object) -> Change:
    return in_file(lambda file: but(file["receipt"], **changed))


def proof(**changed: object) -> Change:
    return in_file(lambda file: but(file["releases"], **changed))


def both(**changed: object) -> Change:
    def change(file: Value) -> None:
        but(file["receipt"], **changed)
        but(file["releases"], **changed)

    return in_file(change)


def an_entry(made: Callable[[Value], bytes]) -> Change:
    return lambda story: setattr(story, "entry", made)


def together(*changes: Change) -> Change:
    def change(story: Story) -> None:
        for one in changes:
            one(story)

    return change


def alone(story: Story) -> None:
    """Give the proof of releases alone."""

    def change(file: Value) -> None:
        inner = file["releases"]
        file.clear()
        file.update(inner)

    story.file = change


def from_text(text: str) -> bytes:
    found = from_base64(text)
    assert found is not None
    return found
