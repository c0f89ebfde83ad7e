# SPDX-License-Identifier: Apache-2.0
"""Attest what was before the entry that says so: by whom, on what evidence, with whose key (specs/entry.md, part 7).

The key is a private Ed25519 key in PEM (PKCS #8, RFC 8410), as `openssl genpkey -algorithm ed25519` makes it.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from privity.app.inputs import sha256_of
from privity.canonical.instants import Instant
from privity.config.apart import check_apart
from privity.entries.attested import (
    Attestable,
    AttestedEntry,
    Attester,
    Evidence,
    Statement,
    attest,
    attester_of,
)
from privity.errors import ConflictError, InputError, UnavailableError, Where

_BEFORE: Final = "-----BEGIN PRIVATE KEY-----\n"
_AFTER: Final = "-----END PRIVATE KEY-----\n"
# Version 0, the algorithm Ed25519 and the beginnings of two strings of bytes; 32 secret ones follow.
_HEAD: Final = bytes.fromhex("302e020100300506032b657004220420")
_SEED: Final = 32
_LONGEST: Final = 4096
_ONLY_OWNER: Final = 0o600
_LINES: Final = re.compile(r"(?:[A-Za-z0-9+/=]+\n)+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """Who says it, and on what evidence.

    Attributes:
        attester: Who.
        evidence: On what.
        seed: The attester's secret key.
    """

    attester: Attester
    evidence: Evidence
    seed: bytes = field(repr=False)

    def entry(self, says: Attestable, *, claimed_at: Instant, origin: str) -> AttestedEntry:
        """Make the entry that says something was known at an instant.

        Raises:
            InputError: It would be too large.
        """
        statement = Statement(
            origin=origin,
            attester=self.attester,
            claimed_at=claimed_at,
            evidence=self.evidence,
            says=says,
        )
        return attest(statement, self.seed)

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values, without the secret."""
        return {
            "attester": self.attester.to_payload(),
            "evidence": self.evidence.to_payload(),
        }


def attestation(name: str, *, key: Path, evidence: str, url: str | None = None) -> Attestation:
    """Make ready to attest.

    Args:
        name: Who attests, in words.
        key: The file of the attester's secret key.
        evidence: A file, of which the SHA-256 goes into the entry and nothing else; or that SHA-256.
        url: Where the evidence can be read.

    Raises:
        InputError: The name, the address or the key is none, or the evidence cannot be read.
        UnavailableError: The key is missing, or somebody else may read it.
    """
    seed = read_key(key)
    return Attestation(
        attester=attester_of(name, seed),
        evidence=Evidence(
            sha256=sha256_of(evidence, what="the evidence", code="workspace/evidence"), url=url
        ),
        seed=seed,
    )


def read_key(path: Path) -> bytes:
    """Read a secret key.

    Raises:
        InputError: It is none (`workspace/attester-key`).
        UnavailableError: It is missing, or somebody else may read it (`workspace/key`).
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise UnavailableError(
                    f"others may read `{path}`, expected its owner alone",
                    code="workspace/key",
                    hint=f"run `chmod 600 {path}`, and make a new key if somebody did",
                )
            data = file.read(_LONGEST)
    except OSError as error:
        raise UnavailableError(
            f"the key `{path}` cannot be read: {error.strerror}",
            code="workspace/key",
            hint="make one with `--new-key`, if there never was one",
        ) from error
    return _seed_of(data, path)


def make_key(path: Path) -> None:
    """Make a secret key, for its owner alone.

    Raises:
        InputError: It would lie in a workspace.
        ConflictError: There is something already (`workspace/key-there`).
        UnavailableError: The disk is full or fails (`workspace/key`).
    """
    check_apart(path)
    body = base64.b64encode(_HEAD + secrets.token_bytes(_SEED)).decode("ascii")
    try:
        opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER)
        with os.fdopen(opened, "w", encoding="ascii") as file:
            file.write(f"{_BEFORE}{body}\n{_AFTER}")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise ConflictError(
            f"`{path}` is there already, and a key is never written over",
            code="workspace/key-there",
            hint="leave `--new-key` out to sign with it",
        ) from error
    except OSError as error:
        raise UnavailableError(
            f"the key `{path}` cannot be made: {error.strerror}", code="workspace/key"
        ) from error


def _seed_of(data: bytes, path: Path) -> bytes:
    """Give the secret bytes of a key; nothing of them is in a message."""
    text = data.decode("ascii", errors="replace").replace("\r\n", "\n")
    body = text.removeprefix(_BEFORE).removesuffix(_AFTER)
    if len(body) == len(text) - len(_BEFORE) - len(_AFTER) and _LINES.fullmatch(body):
        try:
            der = base64.b64decode(body.replace("\n", ""), validate=True)
        except binascii.Error:
            der = b""
        if der.startswith(_HEAD) and len(der) == len(_HEAD) + _SEED:
            return der[len(_HEAD) :]
    raise InputError(
        "this is no private Ed25519 key in PEM, expected one without a password",
        code="workspace/attester-key",
        hint="make one with `--new-key`, or with `openssl genpkey -algorithm ed25519`",
        where=Where(file=str(path)),
    )
