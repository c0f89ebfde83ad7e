# SPDX-License-Identifier: Apache-2.0
"""How a release was made, as its papers tell it: `card.json` ([REL-44]).

Everything that the log does not say and the papers do: the numbers with what is hidden taken out, the terms of the policy,
what went in, which columns came out. It is written once, at the making, and every revision's papers are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant, parse_instant
from privity.errors import VerificationError, Where
from privity.policy.model import Version
from privity.release.exactly import exactly
from privity.release.papers.figures import Figures, figures_of
from privity.release.papers.hiding import is_few
from privity.release.papers.strict import Count, count, strictly, text, whole
from privity.release.papers.terms import Terms, parse_terms, terms_of
from privity.release.summary import Summary

FORMAT: Final = "privity-card/1"
NAME: Final = "card.json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        name: Its name.
        kind: Its type, as Arrow writes it.
    """

    name: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attested:
    """Permits that rest on what somebody attested.

    Attributes:
        says: By whom, in words.
        records: How many.
    """

    says: str
    records: Count


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """How a release was made.

    Attributes:
        at: From when on it is used.
        role: What the recipient was then, or None for one that is not on the register.
        terms: What the policy says; None where none was in force.
        figures: The numbers.
        inputs: The SHA-256 of each file that went in, in their order; its name is the operator's.
        columns: The table's columns, in their order.
        performed: The obligations that were performed on it.
        attested: What some permits rest on.
        clock: Whether the log's instants are those of the machine (`system`) or were set (`simulated`).
        program: What made it.
        vocabulary: The version of the words.
    """

    at: Instant
    role: str | None
    terms: Terms | None
    figures: Figures
    inputs: tuple[str, ...]
    columns: tuple[Column, ...]
    performed: tuple[str, ...]
    attested: tuple[Attested, ...]
    clock: str
    program: str
    vocabulary: str

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "format": FORMAT,
            "at": self.at,
            "role": self.role,
            "terms": None if self.terms is None else self.terms.to_json(),
            "figures": self.figures.to_json(),
            "inputs": list(self.inputs),
            "columns": [asdict(one) for one in self.columns],
            "performed": list(self.performed),
            "attested": [asdict(one) for one in self.attested],
            "clock": self.clock,
            "program": self.program,
            "vocabulary": self.vocabulary,
        }

    def to_bytes(self) -> bytes:
        """Give the bytes of `card.json`."""
        return encode_pretty(self.to_json()).encode()

    @classmethod
    def parse(cls, data: bytes, *, file: str = NAME) -> Making:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is none, to the byte (`release/card`).
        """
        try:
            return exactly(data, lambda found: strictly(_parsed, found))
        except ValueError as error:
            raise _wrong(file) from error


def making_of(
    summary: Summary,
    manifest: Mapping[str, Any],
    schema: pa.Schema,
    version: Version | None,
) -> Making:
    """Give how a release is made, from how its set was cleared.

    Args:
        summary: The clearing in numbers, with what was taken out again.
        manifest: What the clearing's manifest says, of a set made by a ledger.
        schema: The columns of the table.
        version: The policy version in force, or None.
    """
    request, ledger = manifest["request"], manifest["ledger"]
    role: str | None = request["role"]
    return Making(
        at=parse_instant(request["at"]),
        role=role,
        terms=None
        if version is None or role is None
        else terms_of(version, request["purpose"], role),
        figures=figures_of(summary),
        inputs=tuple(one["sha256"] for one in manifest["sources"]),
        columns=tuple(Column(name=one.name, kind=str(one.type)) for one in schema),
        performed=tuple(manifest["obligations"]),
        attested=_attested(ledger["attested"]),
        clock=ledger["clock"],
        program=manifest["program"],
        vocabulary=manifest["vocabulary"],
    )


def _attested(found: Sequence[Mapping[str, Any]]) -> tuple[Attested, ...]:
    return tuple(
        Attested(says=one["says"], records=None if is_few(one["records"]) else one["records"])
        for one in found
    )


def _parsed(found: Any) -> Making:
    return Making(
        at=whole(found["at"]),
        role=None if found["role"] is None else text(found["role"]),
        terms=None if found["terms"] is None else parse_terms(found["terms"]),
        figures=Figures.parse(found["figures"]),
        inputs=tuple(_sha256(one) for one in found["inputs"]),
        columns=tuple(
            Column(name=text(one["name"]), kind=text(one["kind"])) for one in found["columns"]
        ),
        performed=tuple(text(one) for one in found["performed"]),
        attested=tuple(
            Attested(says=text(one["says"]), records=count(one["records"]))
            for one in found["attested"]
        ),
        clock=text(found["clock"]),
        program=text(found["program"]),
        vocabulary=text(found["vocabulary"]),
    )


def _sha256(found: object) -> str:
    if not _SHA256.fullmatch(text(found)):
        raise ValueError
    return text(found)


def _wrong(file: str) -> VerificationError:
    return VerificationError(
        "it does not tell how a release was made, expected what `privity release create` writes",
        code="release/card",
        where=Where(file=file),
    )
