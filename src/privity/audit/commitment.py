# SPDX-License-Identifier: Apache-2.0
"""What entries of releases commit to, recomputed plainly from specs/release.md, parts 1 and 2 (specs/audit.md, part 1).

Nothing of it is shared with what makes releases: whoever audits writes the same roots from the text of the specification.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from privity.canonical.decode import decode_canonical
from privity.canonical.encode import NotCanonicalError, encode_canonical
from privity.entries.fields import write_member
from privity.entries.release import Content
from privity.errors import VerificationError
from privity.ledger.prefix import Leaf, prefix_root
from privity.ledger.tree import NO_PEAKS, leaf_hashes
from privity.members.facts import MemberId

RecordId = str | int

_TAG = b"privity/release/v1\0"
_MEMBER = b"privity/release-member/v1\0"
_SALT = b"privity/release-salt/v1\0"
_LEAF = b"privity/release-leaf/v1\0"
_KEYS = {"bytes", "path", "row_groups", "rows", "sha256"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestLine:
    """What a manifest says of a file of a release's table ([REL-5]).

    Attributes:
        path: Its name.
        size: Its bytes.
        rows: Its rows.
        sha256: Of its bytes, in hexadecimal.
    """

    path: str
    size: int
    rows: int
    sha256: str


def manifest_lines(data: bytes, content: Content) -> tuple[ManifestLine, ...]:
    """Read a manifest, and hold it to the entry of its revision ([REL-5], [REL-6]).

    Args:
        data: The bytes of `files.jsonl`.
        content: What the entry says is in the release.

    Raises:
        VerificationError: It is another, or says other sums than the entry (`audit/manifest`).
    """
    lines = data.split(b"\n")
    if sha256(data).hexdigest() != content.manifest or lines.pop() != b"":
        raise _other("the manifest is not the one that the entry names")
    if files_root(lines) != content.files_root:
        raise _other("the manifest’s lines have another root than the entry’s")
    found = [_line(one) for one in lines]
    names = [one.path for one in found]
    sums = (len(found), sum(one.size for one in found), sum(one.rows for one in found))
    if names != sorted(set(names)) or sums != (content.files, content.size, content.rows):
        raise _other("the manifest’s files are not those that the entry counts")
    return tuple(found)


def files_root(lines: Iterable[bytes]) -> bytes:
    """Give the root over the lines of a manifest, without their newlines ([REL-6])."""
    return NO_PEAKS.extended(leaf_hashes(list(lines))).root()


def stream_tag(key: bytes, release: str) -> bytes:
    """Give a member's tag in a release, by the key of her stream ([REL-25])."""
    return hmac.digest(key, _TAG + release.encode(), "sha256")


def bare_tag(secret: bytes, member: MemberId, release: str) -> bytes:
    """Give the tag of a member who had no stream when the release was made, by the release's secret ([REL-26])."""
    name = _MEMBER + encode_canonical(write_member(member))
    return stream_tag(hmac.digest(secret, name, "sha256"), release)


def leaf(secret: bytes, tag: bytes, records: Iterable[RecordId]) -> Leaf:
    """Give the leaf of a tag, over the ids of her records ([REL-27], [REL-28])."""
    salt = hmac.digest(secret, _SALT + tag, "sha256")
    ids = sorted({str(one).encode() for one in records})
    packed = sha256()
    for one in ids:
        packed.update(len(one).to_bytes(4, "big"))
        packed.update(one)
    value = sha256(_LEAF + salt + len(ids).to_bytes(8, "big") + packed.digest()).digest()
    return Leaf(tag, value)


def members_root(secret: bytes, held: Mapping[bytes, Iterable[RecordId]]) -> bytes:
    """Give the root over the members of a release ([REL-20] to [REL-28]).

    Args:
        secret: The release's 32 bytes.
        held: The ids of each tag's records; a tag without any is not in the tree.
    """
    leaves = (leaf(secret, tag, records) for tag, records in sorted(held.items()))
    return prefix_root(leaves)


def _line(data: bytes) -> ManifestLine:
    try:
        found = decode_canonical(data)
        if set(found) != _KEYS:
            raise _other("a line of the manifest has other keys than its own")
    except (TypeError, NotCanonicalError) as error:
        raise _other("a line of the manifest is none") from error
    path, digest, sizes = found["path"], found["sha256"], (found["bytes"], found["rows"])
    texts = isinstance(path, str) and isinstance(digest, str)
    if not texts or any(type(one) is not int or one < 0 for one in sizes):
        raise _other("a line of the manifest is none")
    if "/" in path or path in {"", ".", ".."}:
        raise _other("a line of the manifest leaves the folder of its table")
    return ManifestLine(path=path, size=sizes[0], rows=sizes[1], sha256=digest)


def _other(message: str) -> VerificationError:
    return VerificationError(message, code="audit/manifest")
