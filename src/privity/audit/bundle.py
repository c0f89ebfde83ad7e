# SPDX-License-Identifier: Apache-2.0
"""What a bundle of evidence has: its manifest, in one spelling (specs/audit.md, part 7).

It names every file of the bundle but itself and its signature, so that none is added, left out or changed. What the evidence
lacked when the question was answered is said here too: who has the bundle alone cannot find that out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from privity.audit.evidence import Gap, Mismatch
from privity.audit.forms import gap_of, mapping_of_gap
from privity.audit.report import Kind
from privity.canonical.decode import decode_canonical
from privity.canonical.encode import encode_canonical
from privity.entries.fields import check_sha256, check_whole
from privity.errors import PrivityError, VerificationError

SCHEMA: Final = "privity/audit-bundle/v1"
MANIFEST: Final = "bundle.json"
SIGNATURE: Final = "signature.json"
QUESTION: Final = "question"
PAYLOADS: Final = "payloads.jsonl"
PUBLIC: Final = "public"
REPORT: Final = "report.json"
ITEMS: Final = "items.jsonl"
PAGE: Final = "report.html"
PRINT: Final = "report.pdf"
BUNDLE: Final = "bundle"
"""The folder of a bundle beside the report."""

_ALWAYS: Final = (
    ITEMS,
    PAGE,
    PAYLOADS,
    PRINT,
    REPORT,
    f"{PUBLIC}/checkpoint",
    f"{PUBLIC}/vkey",
)
_PART: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ -]*", re.ASCII)
_LONGEST: Final = 400
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class BundledFile:
    """A file of a bundle.

    Attributes:
        path: Its path in the bundle, with `/`; no part begins with a point.
        sha256: Of its bytes, in hexadecimal.
        size: Its bytes.
    """

    path: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        if len(self.path) > _LONGEST or not all(
            _PART.fullmatch(one) for one in self.path.split("/")
        ):
            raise ValueError(self.path)
        check_sha256("sha256", self.sha256)
        check_whole("size", self.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideFile:
    """A file that the question is about, and that is not in the bundle.

    Attributes:
        role: What it is to the question.
        name: Its name.
        sha256: Of its bytes, in hexadecimal.
        size: Its bytes.
    """

    role: str
    name: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        # No name leaves the folder in which it is looked for, or is too long to be made there.
        if self.name in {"", ".", ".."} or {"/", "\0"} & {*self.name}:
            raise ValueError(self.name)
        if len(self.name.encode()) > _LONGEST_NAME:
            raise ValueError(self.name)
        check_sha256("sha256", self.sha256)
        check_whole("size", self.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a bundle has.

    Attributes:
        origin: The log's name.
        size: How many entries it has.
        root: The root over them, in base64.
        vkeys: The keys that were believed, as text.
        key_given: Whether somebody gave them.
        kind: Which question.
        options: Its switches.
        question: The names of its files, in the folder `question`.
        outside: The files that it is about and that are not here, in their order.
        everybody: Whether the answer rests on what is told of all members.
        members: Whom it rests on else: the texts of their ids, sorted.
        releases: The releases that it rests on, sorted.
        gaps: What the evidence lacked.
        mismatches: Where what lay there was not what entries commit to.
        made_by: What answered the question, with its version: another may say the same in other words.
        printed_by: What printed the report, with its version: the same prints the same bytes.
        files: Every other file, sorted by path.
    """

    origin: str
    size: int
    root: str
    vkeys: tuple[str, ...]
    key_given: bool
    kind: Kind
    options: Mapping[str, Any]
    question: tuple[str, ...]
    outside: tuple[OutsideFile, ...]
    everybody: bool
    members: tuple[str, ...]
    releases: tuple[str, ...]
    gaps: tuple[Gap, ...]
    mismatches: tuple[Mismatch, ...]
    made_by: str
    printed_by: str
    files: tuple[BundledFile, ...]

    def to_bytes(self) -> bytes:
        """Give `bundle.json`."""
        return encode_canonical(self._mapping())

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is none, or another spelling of one (`audit/bundle`).
        """
        try:
            found = _manifest(decode_canonical(data))
            same = found.to_bytes() == data
        except (TypeError, KeyError, AttributeError, ValueError, PrivityError) as error:
            raise _wrong() from error
        if not same:
            raise _wrong()
        return found

    def _mapping(self) -> dict[str, Any]:
        return {
            "asked": {
                "files": list(self.question),
                "kind": self.kind,
                "options": dict(self.options),
                "outside": [_fields(one, _OUTSIDE) for one in self.outside],
            },
            "files": [_fields(one, _FILE) for one in self.files],
            "gaps": [mapping_of_gap(one) for one in self.gaps],
            "log": {
                "key_given": self.key_given,
                "origin": self.origin,
                "root": self.root,
                "size": self.size,
                "vkeys": list(self.vkeys),
            },
            "mismatches": [_fields(one, _MISMATCH) for one in self.mismatches],
            "made_by": self.made_by,
            "printed_by": self.printed_by,
            "rests_on": {
                "everybody": self.everybody,
                "members": list(self.members),
                "releases": list(self.releases),
            },
            "schema": SCHEMA,
        }


_FILE: Final = ("path", "sha256", "size")
_OUTSIDE: Final = ("name", "role", "sha256", "size")
_MISMATCH: Final = ("entry", "kind", "release", "revision", "what")


def _manifest(keys: Any) -> Manifest:
    log, asked, rests_on = keys["log"], keys["asked"], keys["rests_on"]
    files = tuple(BundledFile(**one) for one in keys["files"])
    paths = [one.path for one in files]
    ordered = (paths, list(rests_on["members"]), list(rests_on["releases"]))
    question = [f"{QUESTION}/{name}" for name in asked["files"]]
    if any(one != sorted(set(one)) for one in ordered) or {MANIFEST, SIGNATURE} & {*paths}:
        raise ValueError
    if question != sorted(set(question)) or not {*question, *_ALWAYS} <= {*paths}:
        raise ValueError
    names = (*asked["files"], *rests_on["members"], *rests_on["releases"], *log["vkeys"])
    if not all(isinstance(one, str) for one in names):
        raise TypeError
    if asked["kind"] not in get_args(Kind) or type(rests_on["everybody"]) is not bool:
        raise TypeError
    return Manifest(
        origin=log["origin"],
        size=log["size"],
        root=log["root"],
        vkeys=tuple(log["vkeys"]),
        key_given=log["key_given"],
        kind=asked["kind"],
        options=asked["options"],
        question=tuple(asked["files"]),
        outside=tuple(OutsideFile(**one) for one in asked["outside"]),
        everybody=rests_on["everybody"],
        members=tuple(rests_on["members"]),
        releases=tuple(rests_on["releases"]),
        gaps=tuple(gap_of(one) for one in keys["gaps"]),
        mismatches=tuple(Mismatch(**one) for one in keys["mismatches"]),
        made_by=keys["made_by"],
        printed_by=keys["printed_by"],
        files=files,
    )


def _fields(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _wrong() -> VerificationError:
    return VerificationError(
        f"`{MANIFEST}` is no manifest of a bundle, expected what an audit writes, to the byte",
        code="audit/bundle",
    )
