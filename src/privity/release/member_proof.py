# SPDX-License-Identifier: Apache-2.0
"""A member's proof: what releases have of hers, and that they have nothing else, as one file (specs/release.md, [REL-34]).

It is checked offline, with the log's key and nothing else; with her receipt also that the tags are hers. It tells of
the releases that are in it. That there are no others the log shows, whose stream of releases has no gaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries.decode import PublicEntry, decode
from privity.entries.envelope import decode_limited, encode_limited
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_member,
    check_name,
    in_base64,
    keys_of,
    read_member,
    write_member,
    wrong,
)
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.forms import from_base64
from privity.ledger.note import Vkey
from privity.ledger.prefix import PrefixProof, verify_in, verify_not_in
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.tree import leaf_hash
from privity.members.facts import MemberId
from privity.release.tags import leaf_value, packed, release_tag

LARGEST: Final = 1 << 28
"""The most bytes that such a file has."""
STREAM: Final = "stream"
WITHOUT: Final = "release"
"""By which key a tag is made: that of her stream, or, of a member without one, by the release's secret."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a leaf says, opened.

    Attributes:
        salt: Its salt.
        records: The ids of her records as text, each once, in the order of their bytes.
    """

    salt: bytes
    records: tuple[str, ...]

    def __post_init__(self) -> None:
        check_bytes("salt", self.salt, KEY_SIZE)
        if not all(isinstance(one, str) for one in self.records):
            raise wrong("records", self.records, "texts")
        texts = [one.encode() for one in self.records]
        if not texts or texts != sorted(set(texts)):
            raise wrong("records", len(texts), "ids, each once and in the order of their bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What is shown of one tag of hers.

    Attributes:
        by: By which key the tag is made: `stream` or `release`.
        tag: The tag.
        key: For `release`: the key. That of her stream is no part of a proof: it opens everything.
        proof: That the tag is in, or that it is not.
        opened: What its leaf says, where it is in.
    """

    by: str
    tag: bytes
    key: bytes | None = field(default=None, repr=False)
    proof: PrefixProof
    opened: Opened | None = None

    def __post_init__(self) -> None:
        check_choice("by", self.by, (STREAM, WITHOUT))
        check_bytes("tag", self.tag, KEY_SIZE)
        if (self.key is None) == (self.by == WITHOUT):
            raise wrong("key", self.by, "a key for `release`, and none for `stream`")
        if self.key is not None:
            check_bytes("key", self.key, KEY_SIZE)
        if (self.opened is None) == self.proof.is_in:
            raise wrong("records", self.by, "the records of a tag that is in, and of no other")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        made: dict[str, Any] = {
            "by": self.by,
            "proof": in_base64(self.proof.to_bytes()),
            "tag": in_base64(self.tag),
        }
        if self.key is not None:
            made["key"] = in_base64(self.key)
        if self.opened is not None:
            made |= {
                "records": list(self.opened.records),
                "salt": in_base64(self.opened.salt),
            }
        return made

    @classmethod
    def parse(cls, payload: object) -> Claim:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
            VerificationError: Its proof is none.
        """
        keys = keys_of(
            payload, required=("by", "proof", "tag"), optional=("key", "records", "salt")
        )
        if ("records" in keys) != ("salt" in keys):
            raise wrong("salt", "", "a salt with records, or neither")
        opened = None
        if "records" in keys:
            if not isinstance(keys["records"], list):
                raise wrong("records", keys["records"], "a list")
            opened = Opened(salt=bytes_of(keys, "salt"), records=tuple(keys["records"]))
        return cls(
            by=keys["by"],
            tag=bytes_of(keys, "tag"),
            key=bytes_of(keys, "key") if "key" in keys else None,
            proof=PrefixProof.parse(_base64(keys, "proof")),
            opened=opened,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseProof:
    """What is shown of one release.

    Attributes:
        entry: The entry of its revision, as it is in the log.
        log: The proof that it is.
        claims: Of each tag that she could have there.
    """

    entry: bytes
    log: ProofFile
    claims: tuple[Claim, ...]

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "claims": [one.to_payload() for one in self.claims],
            "entry": self.entry.decode("utf-8"),
            "log": self.log.to_bytes().decode("utf-8"),
        }

    @classmethod
    def parse(cls, payload: object) -> ReleaseProof:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
            VerificationError: A proof is none.
        """
        keys = keys_of(payload, required=("claims", "entry", "log"))
        if not isinstance(keys["claims"], list):
            raise wrong("claims", keys["claims"], "a list")
        for key in ("entry", "log"):
            if not isinstance(keys[key], str):
                raise wrong(key, keys[key], "text")
        return cls(
            entry=keys["entry"].encode(),
            log=ProofFile.parse(keys["log"].encode()),
            claims=tuple(map(Claim.parse, keys["claims"])),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberProof:
    """A proof for a member.

    Attributes:
        origin: The log's name.
        member: Who.
        releases: What is shown of each release.
    """

    SCHEMA: ClassVar[str] = "privity/member-proof/v1"

    origin: str
    member: MemberId
    releases: tuple[ReleaseProof, ...]

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_member(self.member)

    def to_bytes(self) -> bytes:
        """Give the file.

        Raises:
            InputError: It would be larger than 256 MiB.
        """
        return encode_limited(
            {
                **write_member(self.member),
                "origin": self.origin,
                "releases": [one.to_payload() for one in self.releases],
                "schema": self.SCHEMA,
            },
            largest=LARGEST,
        )

    @classmethod
    def parse(cls, data: bytes) -> MemberProof:
        """Read what `to_bytes` gives; what it shows is asked by `open_member_proof`.

        Raises:
            InputError: It is none, or another spelling of one.
            VerificationError: A proof in it is none.
        """
        keys = keys_of(
            decode_limited(data, largest=LARGEST),
            required=("member", "origin", "releases", "schema"),
            optional=("member_type",),
        )
        check_choice("schema", keys["schema"], (cls.SCHEMA,))
        if not isinstance(keys["releases"], list):
            raise wrong("releases", keys["releases"], "a list")
        return cls(
            origin=keys["origin"],
            member=read_member(keys),
            releases=tuple(map(ReleaseProof.parse, keys["releases"])),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What is shown of a release.

    Attributes:
        says: The entry of its revision.
        index: Where in the log that is.
        time: When it was entered.
        checkpoint: What the log's key signed, that the proof is of.
        records: The ids of her records in it, as text; none where it is shown that there are none.
    """

    says: CreatedRelease | RevisedRelease
    index: int
    time: Instant
    checkpoint: Checkpoint
    records: tuple[str, ...]


def open_member_proof(
    proof: MemberProof, vkeys: Collection[Vkey], *, key: bytes | None = None
) -> tuple[Shown, ...]:
    """Verify a proof, and give what it shows ([REL-35]).

    Args:
        proof: The proof.
        vkeys: The keys of the log that are believed.
        key: The key of her stream, by her receipt; None does not look whether the tags are hers.

    Raises:
        InputError: An entry is none.
        VerificationError: Something does not hold (`release/member-proof`, or as the log's proofs).
    """
    shown = [_open_release(one, proof.origin, vkeys, key) for one in proof.releases]
    names = [one.says.release for one in shown]
    if len(set(names)) != len(names):
        raise _not_shown("a release stands twice in it")
    check_one_log(one.checkpoint for one in shown)
    return tuple(shown)


def check_one_log(checkpoints: Iterable[Checkpoint]) -> None:
    """Check that proofs which stand together are of one checkpoint: nothing shows of two that they are of one log.

    Raises:
        VerificationError: They are of several (`release/member-proof`).
    """
    if len({(one.origin, one.size, one.root) for one in checkpoints}) > 1:
        raise _not_shown("its proofs are of several checkpoints")


def nothing_signed() -> VerificationError:
    """Make the error for a file in which no proof is: nothing in it has anything to do with a log."""
    return VerificationError(
        "nothing in this file is signed by the log’s key: it does not show that any of this is in the log",
        code="release/unsigned",
        hint="ask for a new file once the log has published these entries",
    )


def _open_release(
    one: ReleaseProof, origin: str, vkeys: Collection[Vkey], key: bytes | None
) -> Shown:
    checkpoint = open_proof(one.log, leaf_hash(one.entry), vkeys)
    found = decode(one.entry, origin=origin)
    if checkpoint.origin != origin or not isinstance(found, PublicEntry):
        raise _not_shown("an entry is none of its log’s releases")
    says = found.says
    if not isinstance(says, CreatedRelease | RevisedRelease):
        raise _not_shown("an entry does not say what is in a release")
    asked = [claim.by for claim in one.claims]
    # Without both, the records could stand under the other one.
    if sorted(asked) not in ([WITHOUT], [WITHOUT, STREAM]) or (
        key is not None and STREAM not in asked
    ):
        raise _not_shown(f"of release `{says.release}` it does not ask for every tag of hers")
    records: set[str] = set()
    for claim in one.claims:
        with_key = key if claim.by == STREAM else claim.key
        if with_key is not None and claim.tag != release_tag(with_key, says.release):
            raise _not_shown(f"a tag in release `{says.release}` is not the member’s")
        records |= set(_records(claim, says.content.members_root))
    return Shown(
        says=says,
        index=one.log.index,
        time=found.event.time,
        checkpoint=checkpoint,
        records=tuple(sorted(records, key=str.encode)),
    )


def _records(claim: Claim, root: bytes) -> Sequence[str]:
    if claim.opened is None:
        verify_not_in(claim.tag, claim.proof, root)
        return ()
    count, data = packed(claim.opened.records)
    value = leaf_value(claim.opened.salt, count, sha256(data).digest())
    verify_in(claim.tag, value, claim.proof, root)
    return claim.opened.records


def _base64(keys: Mapping[str, Any], key: str) -> bytes:
    data = from_base64(keys[key]) if isinstance(keys[key], str) else None
    if data is None:
        raise wrong(key, keys[key], "base64")
    return data


def _not_shown(why: str) -> VerificationError:
    return VerificationError(
        f"the proof does not hold: {why}",
        code="release/member-proof",
        hint="ask for a new one: `privity release prove`",
    )
