# SPDX-License-Identifier: Apache-2.0
"""Lies about releases: what their entries say, what is asked of them, and what their trees have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from tests.web.forging import (
    KEY,
    NOW,
    OTHER,
    RECORDS,
    RELEASE,
    SALT,
    WITHOUT,
    Cases,
    Change,
    Story,
    alone,
    an_entry,
    but,
    content,
    from_text,
    in_file,
    public,
    says,
    together,
)
from tests.web.made_checks import Value

from privity.canonical.encode import encode_canonical
from privity.entries.fields import in_base64
from privity.ledger.prefix import (
    NOTHING,
    Leaf,
    leaf_hash as tag_leaf_hash,
    node_hash as tag_node_hash,
)
from privity.release.tags import release_tag, value_of


def elsewhere(story: Story) -> None:
    """Make a tree with a leaf on the wrong side, so that nothing of hers would be in her place."""
    tags = {
        by: release_tag(key, RELEASE) for by, key in (("stream", KEY), ("release", WITHOUT))
    }
    side = tags["stream"][0] >> 7
    wrong, right = (
        Leaf(bytes([one << 7]) + bytes(31), bytes(32)) for one in (1 - side, 1 - side)
    )
    right = Leaf(right.tag[:1] + bytes([1]) * 31, bytes(32))
    here, there = (tag_leaf_hash(*one) for one in (wrong, right))
    but_root(story, *((there, here) if side else (here, there)))
    for claim, by in zip(story.claims, ("release", "stream"), strict=True):
        hers = tags[by][0] >> 7 == side
        other, beside = (wrong, there) if hers else (right, here)
        claim.update(
            proof=in_base64(b"\x02\0\x01" + other.tag + other.value + beside),
            records=None,
            salt=None,
        )


def deep(story: Story) -> None:
    """Make a tree of her leaf alone, which stands one bit too deep."""
    tag, without = release_tag(KEY, RELEASE), release_tag(WITHOUT, RELEASE)
    hashed, side = tag_leaf_hash(tag, value_of(SALT, RECORDS)), tag[0] >> 7
    but_root(story, *((NOTHING, hashed) if side else (hashed, NOTHING)))
    story.claims[1].update(proof=in_base64(b"\0\0\x01" + NOTHING))
    not_in = (
        b"\x02\0\x01" + tag + value_of(SALT, RECORDS) + NOTHING
        if without[0] >> 7 == side
        else b"\x01\0\x01" + hashed
    )
    story.claims[0].update(proof=in_base64(not_in))


def but_root(story: Story, left: bytes, right: bytes) -> None:
    story.release["content"]["members_root"] = in_base64(tag_node_hash(left, right))


def revised(story: Story) -> None:
    story.release = {
        "action": "revised", "content": story.release["content"], "ledger_size": 4, "release": RELEASE,
        "revision": 2, "revocation": "r-1",
    }  # fmt: skip


def of_stream(name: str) -> Change:
    return an_entry(lambda said: public(said, stream=name))


def raw(**changed: object) -> Change:
    def made(said: Value) -> bytes:
        value = json.loads(public(said))
        but(value, **changed)
        return encode_canonical(value)

    return an_entry(made)


RELEASES: Final[Cases] = (
    ("revised", "a revision", revised),
    (
        "scheduled",
        "when rules change by themselves",
        says(scheduled=[NOW, NOW + 1], expires_at=NOW, policy="p", version="1"),
    ),
    (
        "ended",
        "an end says nothing of what is in a release",
        lambda story: setattr(
            story, "release", {"action": "ended", "release": RELEASE, "why": "expired"}
        ),
    ),
    ("action", "an action that is none", says(action="closed")),
    (
        "action-constructor",
        "an action that JavaScript has a name for",
        says(action="constructor"),
    ),
    (
        "no-content",
        "what is in it is missing",
        lambda story: setattr(story, "release", {"action": "created", "release": RELEASE}),
    ),
    (
        "half",
        "only what a verifier needs",
        lambda story: but(
            story.release, clearing=None, key=None, ledger_size=None, purpose=None
        ),
    ),
    ("more", "a key too many", says(notes="")),
    ("clearing", "a clearing’s name with a blank", says(clearing="c ")),
    ("clearing-long", "a clearing’s name of 201 characters", says(clearing="c" * 201)),
    (
        "clearing-astral",
        "a clearing’s name of 200 characters beyond the first plane",
        says(clearing="\U0001f4a1" * 200),
    ),
    ("recipient", "a recipient without a name", says(recipient="")),
    ("purpose", "a purpose that is no word", says(purpose="Any thing")),
    ("purpose-whole", "a word of 40 letters", says(purpose="a" * 40)),
    ("purpose-long", "a word of 41 letters", says(purpose="a" * 41)),
    ("ledger-size", "nothing heeded", says(ledger_size=0)),
    ("ledger-size-true", "true for a number", says(ledger_size=True)),
    ("release-name", "a name that leaves its folder", says(release="../x")),
    ("key-short", "a key of 31 bytes", says(key=in_base64(bytes(31)))),
    (
        "key-order",
        "a key of small order, which signs everything",
        says(key=in_base64(bytes([1]) + bytes(31))),
    ),
    (
        "key-zero",
        "a key of the field’s own size, which is that of zero",
        says(key=in_base64(b"\xed" + b"\xff" * 30 + b"\x7f")),
    ),
    (
        "key-field",
        "a key beyond the field",
        says(key=in_base64(b"\xee" + b"\xff" * 30 + b"\x7f")),
    ),
    ("policy-alone", "a policy without its version", says(policy="p")),
    ("version-alone", "a version without its policy", says(version="1")),
    ("policy-name", "a policy that has no name", says(policy=" ", version="1")),
    ("version-name", "a version that is a number", says(policy="p", version=1)),
    ("expires-last", "an end in the last second", says(expires_at=253_402_300_799)),
    ("expires-first", "an end in the first second", says(expires_at=-62_135_596_800)),
    ("expires", "an end beyond the year 9999", says(expires_at=253_402_300_800)),
    ("expires-early", "an end before the year 1", says(expires_at=-62_135_596_801)),
    ("scheduled-empty", "an empty list of instants", says(scheduled=[])),
    ("scheduled-twice", "an instant twice", says(scheduled=[NOW, NOW])),
    ("scheduled-back", "a later instant first", says(scheduled=[NOW + 1, NOW])),
    ("scheduled-text", "an instant as text", says(scheduled=[str(NOW)])),
    ("content-more", "a key too many in what is in it", content(notes="")),
    ("content-files", "rows without a file", content(files=0)),
    ("content-members", "rows without a member", content(members=0)),
    ("content-none", "no row, no file, no member", content(rows=0, files=0, members=0)),
    ("content-rows", "fewer rows than none", content(rows=-1)),
    ("content-size", "a size as text", content(size="100")),
    (
        "content-root",
        "a root of files of 31 bytes",
        content(files_root=in_base64(bytes(31))),
    ),
    ("content-members-root", "a root of members that is none", content(members_root="?")),
    ("content-manifest", "a manifest in upper case", content(manifest="A" * 64)),
    ("content-columns", "columns of 63 digits", content(columns="0" * 63)),
    ("content-text", "a text for what is in it", says(content="")),
    ("stream", "an entry of another stream", of_stream("clearing-x")),
    (
        "stream-whole",
        "a stream’s name of 40 letters, with the tag of another",
        raw(s="s" * 40),
    ),
    ("stream-long", "a stream’s name of 41 letters", raw(s="s" * 41)),
    ("stream-word", "a stream’s name that is none", raw(s="Release")),
    ("stream-m", "a public entry of the private streams", raw(s="m")),
    ("entry-number", "an entry of the number 0", raw(i=0)),
    ("entry-other-number", "an entry with the tag of another number", raw(i=2)),
    ("entry-late", "an entry after the year 9999", raw(t=253_402_300_800)),
    ("entry-early", "an entry before 1970", raw(t=-1)),
    ("entry-version", "an entry of another version", raw(v=2)),
    ("entry-version-null", "an entry of the version null", raw(v="null")),
    ("entry-version-true", "an entry of the version true", raw(v=True)),
    ("entry-no-version", "an entry without a version", raw(v=None)),
    ("entry-more", "a key too many in an entry", raw(x=1)),
    ("entry-list", "an entry that says a list", raw(p=[])),
    ("entry-tag", "an entry whose tag has 31 bytes", raw(m=in_base64(bytes(31)))),
    (
        "entry-other-log",
        "an entry that was made for another log",
        an_entry(lambda said: public(said, origin=OTHER)),
    ),
    ("entry-large", "an entry of more than 4096 bytes", raw(x="x" * 4096)),
    (
        "entry-blank",
        "an entry with a blank",
        an_entry(lambda said: public(said).replace(b":", b": ", 1)),
    ),
    (
        "entry-private",
        "an entry of a private stream that is none",
        an_entry(lambda _said: b'{"c":""}'),
    ),
    ("entry-null", "null for an entry", an_entry(lambda _said: b"null")),
)
"""Entries of releases that say nothing, or something else."""


def only(*by: str) -> Change:
    return lambda story: setattr(story, "claims", [{"by": one} for one in by])


def under_both(story: Story) -> None:
    story.leaves = {KEY: ("b", "d"), WITHOUT: ("a", "b", "c")}


def release_claim(**changed: object) -> Change:
    return in_file(lambda file: but(file["releases"]["releases"][0]["claims"][0], **changed))


def stream_claim(**changed: object) -> Change:
    return in_file(lambda file: but(file["releases"]["releases"][0]["claims"][1], **changed))


def proof_bytes(change: Callable[[bytes], bytes]) -> Change:
    def run(file: Value) -> None:
        one = file["releases"]["releases"][0]["claims"][1]
        one["proof"] = in_base64(change(from_text(one["proof"])))

    return in_file(run)


def own_leaf(story: Story) -> None:
    def change(file: Value) -> None:
        one = file["releases"]["releases"][0]["claims"][1]
        data = from_text(one["proof"])
        leaf = from_text(one["tag"]) + value_of(SALT, RECORDS)
        but(
            one,
            proof=in_base64(b"\x02" + data[1:3] + leaf + data[3:]),
            records=None,
            salt=None,
        )

    story.file = change


ASKED: Final[Cases] = (
    ("claims-none", "nothing is asked", only()),
    ("claims-stream", "only the tag of her stream is asked", only("stream")),
    ("claims-release", "the tag of her stream is not asked", only("release")),
    (
        "claims-alone",
        "a proof alone, of a member who had no stream",
        together(only("release"), alone),
    ),
    ("claims-three", "three are asked", only("release", "stream", "stream")),
    ("claims-twice", "the tag without a stream is asked twice", only("release", "release")),
    ("claims-both", "records under both tags, some under either", under_both),
    ("claim-by", "a key that is neither", stream_claim(by="other")),
    ("claim-more", "a key too many in a claim", stream_claim(notes="")),
    ("claim-null", "records that are null", stream_claim(records="null")),
    ("claim-salt", "a salt without records", stream_claim(records=None)),
    (
        "claim-salt-alone",
        "a salt of a tag that is not in",
        release_claim(salt=in_base64(SALT)),
    ),
    ("claim-own", "its own leaf as the other one in its place", own_leaf),
    ("tree-elsewhere", "a tree in which another leaf stands in her place", elsewhere),
    ("tree-deep", "a tree in which her leaf stands beside nothing", deep),
    ("claim-records", "records without a salt", stream_claim(salt=None)),
    ("claim-salt-short", "a salt of 31 bytes", stream_claim(salt=in_base64(bytes(31)))),
    ("claim-empty", "no record of a tag that is in", stream_claim(records=[])),
    ("claim-numbers", "records that are numbers", stream_claim(records=[1])),
    ("claim-text", "a text for records", stream_claim(records="post-1")),
    (
        "claim-halves",
        "records in the order of JavaScript’s texts",
        stream_claim(records=["post-1", "post-2", RECORDS[3], RECORDS[2]]),
    ),
    (
        "claim-prefix",
        "a longer id before a shorter one",
        stream_claim(records=["post-10", "post-1"]),
    ),
    (
        "claim-closed",
        "a tag that is in, and whose leaf stays closed",
        stream_claim(records=None, salt=None),
    ),
    (
        "claim-opened",
        "records of a tag that is not in",
        release_claim(records=["x"], salt=in_base64(SALT)),
    ),
    (
        "claim-stream-key",
        "a key for the tag of her stream",
        stream_claim(key=in_base64(KEY)),
    ),
    ("claim-no-key", "no key for the tag without a stream", release_claim(key=None)),
    ("claim-key-short", "a key of 31 bytes", release_claim(key=in_base64(bytes(31)))),
    ("claim-tag-short", "a tag of 31 bytes", stream_claim(tag=in_base64(bytes(31)))),
    ("claim-tag", "a tag of nobody", stream_claim(tag=in_base64(bytes(32)))),
    (
        "claim-tag-without",
        "a tag of nobody for the key without a stream",
        release_claim(tag=in_base64(bytes(32))),
    ),
    ("claim-proof", "a proof that is no base64", stream_claim(proof="?")),
    ("claim-proof-short", "a proof of two bytes", proof_bytes(lambda data: data[:2])),
    (
        "claim-proof-kind",
        "a proof of the kind 3",
        proof_bytes(lambda data: b"\x03" + data[1:]),
    ),
    (
        "claim-proof-rest",
        "a proof with half a hash more",
        proof_bytes(lambda data: data + bytes(16)),
    ),
    (
        "claim-proof-count",
        "a proof that names one hash more than it has",
        proof_bytes(lambda data: data[:2] + bytes([data[2] + 1]) + data[3:]),
    ),
    (
        "claim-proof-long",
        "a proof of 257 hashes",
        proof_bytes(lambda data: data[:1] + b"\x01\x01" + data[3:35] * 257),
    ),
    (
        "claims-text",
        "a text for claims",
        in_file(lambda file: but(file["releases"]["releases"][0], claims="")),
    ),
    (
        "release-text",
        "an entry that is a number",
        in_file(lambda file: but(file["releases"]["releases"][0], entry=7)),
    ),
    (
        "release-more",
        "a key too many beside an entry",
        in_file(lambda file: but(file["releases"]["releases"][0], notes="")),
    ),
)
"""Claims that ask for something else, or show less."""
