# SPDX-License-Identifier: Apache-2.0
"""Write what goes with a release into its folder, and check it there (specs/release.md, part 3).

`write_making` puts down how it is made, before the log speaks of it. `write_papers` makes everything else of that, of the
manifest and of what the log says: at the making, at every later revision, and again after a crash. Each file is
written aside and renamed; the signed ones come last, since they speak of the others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from privity.canonical.encode import digest, digest_file, encode_pretty
from privity.canonical.instants import Instant
from privity.entries.dsse import CERTIFICATE, STATEMENT, EnvelopeSigner, read_signed, sign_value
from privity.errors import PrivityError, VerificationError, Where
from privity.release.aside import settle
from privity.release.described import Described
from privity.release.files import MANIFEST, Manifest
from privity.release.folder import TABLE, ReleaseFolder
from privity.release.papers.card import card
from privity.release.papers.certificate import Certificate
from privity.release.papers.croissant import croissant
from privity.release.papers.making import NAME, Making
from privity.release.papers.markdown import write_markdown
from privity.release.papers.page import write_page
from privity.release.papers.statement import products_of, statement
from privity.release.sidecar import TAGS

CARD: Final = "card.md"
PAGE: Final = "card.html"
CROISSANT: Final = "croissant.json"
SIGNED: Final = (MANIFEST, NAME, CARD, PAGE, CROISSANT)
"""What a statement speaks of besides the table's files, the members' tags and `release.json`."""


def write_making(folder: Path, making: Making) -> None:
    """Put down how a release is made, durably.

    Raises:
        OSError: The disk is full or fails.
    """
    _write(folder / NAME, making.to_bytes())


def read_making(folder: Path) -> Making:
    """Read how a release was made.

    Raises:
        VerificationError: It does not say so, to the byte (`release/card`).
        OSError: It cannot be read.
    """
    path = folder / NAME
    return Making.parse(path.read_bytes(), file=str(path))


def read_card(folder: Path, public: bytes) -> tuple[str, Making]:
    """Read the card in Markdown, and how the release was made.

    Args:
        folder: The release's.
        public: The key that the release's entry names.

    Raises:
        VerificationError: They are not what the key signed (`release/papers`).
        InputError: The statement cannot be read.
        OSError: A file cannot be read.
    """
    products = signed_digests(folder, public)
    for name in (CARD, NAME):
        if products.get(name) != digest_file(folder / name):
            raise _wrong(folder / name)
    return (folder / CARD).read_text("utf-8"), read_making(folder)


def write_papers(
    folder: Path,
    described: Described,
    *,
    signer: EnvelopeSigner,
    now: Instant,
    known: Mapping[str, str] | None = None,
) -> None:
    """Write card, metadata, statement and certificate of a release as it is now.

    Args:
        folder: The release's, with its manifest, its sidecar of members and `card.json`.
        described: What the log says of this revision.
        signer: The release key, whose public part is in the release's entry.
        now: The instant that the certificate is of.
        known: The SHA-256 of parts of the sidecar that are as they were, by their paths, as `signed_digests` gave
            them of the revision before: so that they are not read once more.

    Raises:
        VerificationError: Manifest or `card.json` are none, or not those that the log speaks of.
        InputError: There is more to sign than an envelope holds.
        UnavailableError: matplotlib is not installed.
        OSError: The disk is full or fails.
    """
    making = read_making(folder)
    manifest = _manifest(folder, described)
    page = card(making, described)
    metadata = croissant(making, described, manifest)
    _write(folder / CARD, write_markdown(page).encode())
    _write(folder / PAGE, write_page(page).encode())
    _write(folder / CROISSANT, encode_pretty(metadata).encode())
    products = {f"{TABLE}/{one.path}": one.sha256 for one in manifest.lines}
    place = ReleaseFolder(folder)
    same = _parts(place, manifest) & (known or {}).keys()
    products |= {
        name: (known or {})[name] if name in same else digest_file(folder / name)
        for name in _more(place, manifest)
    }
    # The same bytes that `release.json` has: who writes it may do so before or after.
    products[place.described.name] = digest(described.to_bytes())
    said = sign_value(STATEMENT, statement(making, described, products), signer)
    _write(place.statement, said.to_bytes())
    certificate = Certificate.of(described, issued_at=now)
    signed = sign_value(CERTIFICATE, certificate.to_payload(), signer)
    _write(place.certificate, signed.to_bytes())


def check_papers(folder: Path, described: Described) -> Certificate:
    """Check that the papers beside a release are those that its key signed, and give the certificate.

    Files of the table are checked by the manifest, which the log speaks of (`release/files.py`), and not here.

    Args:
        folder: The release's.
        described: What the log says of it, verified.

    Raises:
        VerificationError: They are not (`release/papers`), or a signature is none.
        InputError: An envelope cannot be read.
        OSError: A file cannot be read.
    """
    place, public = ReleaseFolder(folder), described.created.key
    products = signed_digests(folder, public)
    manifest = _manifest(folder, described)
    for name in (*_more(place, manifest), place.described.name):
        path = folder / name
        if not path.is_file() or products.get(name) != digest_file(path):
            raise _wrong(path)
    signed = _read_signed(place.certificate, CERTIFICATE, public)
    certificate = Certificate.parse(signed)
    if certificate != Certificate.of(described, issued_at=certificate.issued_at):
        raise _wrong(place.certificate)
    return certificate


def signed_digests(folder: Path, public: bytes) -> dict[str, str]:
    """Give the SHA-256 of every file that a release's statement speaks of, by its path.

    Args:
        folder: The release's.
        public: The key that the release's entry names.

    Raises:
        VerificationError: It is no statement of a release, or the key did not sign it.
        InputError: The envelope cannot be read.
        OSError: The same.
    """
    path = ReleaseFolder(folder).statement
    said = _read_signed(path, STATEMENT, public)
    try:
        return products_of(said)
    except ValueError as error:
        raise _wrong(path) from error


def _parts(place: ReleaseFolder, manifest: Manifest) -> set[str]:
    """Give the parts of the sidecar: each is written once, under a name that is never used again."""
    return {f"{place.members.name}/{one.path}" for one in manifest.lines}


def _more(place: ReleaseFolder, manifest: Manifest) -> tuple[str, ...]:
    """Give the names of what a statement speaks of besides the table's files and `release.json`."""
    tags = (TAGS, *(one.path for one in manifest.lines))
    return (*SIGNED, *(f"{place.members.name}/{name}" for name in tags))


def _manifest(folder: Path, described: Described) -> Manifest:
    path = ReleaseFolder(folder).manifest
    manifest = Manifest.parse(path.read_bytes(), file=str(path))
    if manifest.sha256 != described.content.manifest:
        raise _wrong(path)
    return manifest


def _write(path: Path, data: bytes) -> None:
    """Write a file aside, durably, and give it its name."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    settle(path.parent)


def _read_signed(path: Path, payload_type: str, public: bytes) -> Mapping[str, Any]:
    """Read what a paper says, which names the file where it is not signed as it must be."""
    try:
        return read_signed(path.read_bytes(), payload_type=payload_type, public=public)
    except PrivityError as error:
        raise type(error)(
            error.message, code=error.code, hint=error.hint, where=Where(file=str(path))
        ) from error


def _wrong(path: Path) -> VerificationError:
    return VerificationError(
        "it is not what was signed with the release, or what the log speaks of",
        code="release/papers",
        hint="get the release anew",
        where=Where(file=str(path)),
    )
