# SPDX-License-Identifier: Apache-2.0
"""Verify somebody else's audit: its bundle, its signature, and its answer, found anew (specs/audit.md, part 7).

An error ends it at the first thing that does not hold. Nothing is asked of a network, and nothing of the maker's machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.auditing.answering.asking import Inputs, Outside, Told, answer
from privity.app.auditing.bundling.bundle_opening import BundledEvidence, open_bundle
from privity.app.auditing.bundling.signing import SIGNED, check_signature
from privity.app.auditing.opening.opening import Progress
from privity.app.public_tree.files import read_file
from privity.audit.bundle import (
    BUNDLE,
    ITEMS,
    MANIFEST,
    PAGE,
    PRINT,
    QUESTION,
    REPORT,
    SIGNATURE,
    Manifest,
)
from privity.audit.forms import items_to_bytes, report_of, report_to_bytes
from privity.audit.papers.contents import paper_of
from privity.audit.papers.page import write_page
from privity.audit.report import Report
from privity.canonical.encode import digest_file
from privity.entries.dsse import Envelope
from privity.errors import (
    InputError,
    PrivityError,
    UnavailableError,
    VerificationError,
    Where,
)
from privity.release.working import working_folder

_COPIES: Final = (REPORT, ITEMS, PAGE, PRINT, SIGNATURE)
"""What of a bundle lies beside it too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedAudit:
    """An audit in which everything holds.

    Attributes:
        folder: The bundle.
        manifest: What it has.
        report: The report, which was found again to the byte.
        key_given: Whether whoever verifies gave the log's key.
        signed: Whether an auditor signed it, by a key that was given here; None: somebody signed it, and no key was given.
        print_compared: Whether the PDF was printed again and is the same; another version of the printer prints other bytes.
        beside: The files that lie beside the bundle for people to read, each the same as the one in it.
    """

    folder: Path
    manifest: Manifest
    report: Report
    key_given: bool
    signed: bool | None
    print_compared: bool
    beside: tuple[str, ...]


def verify_audit(
    place: Path,
    *,
    vkeys: tuple[str, ...] = (),
    auditor: str | None = None,
    outside: tuple[Path, ...] = (),
    progress: Progress | None = None,
    told: Told | None = None,
) -> VerifiedAudit:
    """Verify an audit.

    Args:
        place: The folder of the report, or the bundle in it; what lies beside a bundle under its own name is compared
            either way.
        vkeys: The keys of the log to believe, as text or as names of files; none: those that its maker believed.
        auditor: The auditor's public key, as text or the name of a file; None: no signature is asked for.
        outside: Files, or folders of them, that the question was about and the bundle has not.
        progress: Told of how far the evidence was opened.
        told: Told of how far it was answered.

    Raises:
        InputError: There is no bundle, a key is none, or a file of the question is not given (`audit/outside`).
        VerificationError: Something does not hold.
        UnavailableError: Something cannot be read.
    """
    folder = (
        place / BUNDLE
        if not (place / MANIFEST).is_file() and (place / BUNDLE).is_dir()
        else place
    )
    evidence = open_bundle(folder, vkeys, progress=progress)
    manifest = evidence.manifest
    files = {name: read_file(folder / name) for name in SIGNED}
    report = report_of(files[REPORT], files[ITEMS])
    signed = _signed(folder, report, files, auditor)
    beside = _check_copies(folder)
    with working_folder() as names:
        inputs = _inputs(folder, manifest, outside, names)
        _answer_again(evidence, inputs, files, told)
    return VerifiedAudit(
        folder=folder,
        manifest=manifest,
        report=report,
        key_given=bool(vkeys),
        signed=signed,
        print_compared=_printed_again(report, manifest, files[PRINT]),
        beside=beside,
    )


def _signed(
    folder: Path, report: Report, files: Mapping[str, bytes], auditor: str | None
) -> bool | None:
    place = folder / SIGNATURE
    if not place.is_file():
        if auditor is None:
            return False
        raise VerificationError("nobody signed this audit", code="audit/unsigned")
    data = read_file(place)
    if auditor is not None:
        check_signature(data, report, files, auditor)
        return True
    try:
        Envelope.parse(data)
    except PrivityError as error:
        raise VerificationError(
            f"the auditor’s signature does not hold: {error.message}", code="audit/signature"
        ) from error
    return None


def _check_copies(folder: Path) -> tuple[str, ...]:
    """Check that what lies beside a bundle for people to read is what the bundle has; gives the names of that.

    A bundle under another name than a report gives it was moved: what lies there is no part of the audit.
    """
    if folder.resolve().name != BUNDLE:
        return ()
    place = folder.resolve().parent
    there = [name for name in _COPIES if (place / name).exists()]
    for name in there:
        beside, inside = place / name, folder / name
        if not inside.exists() or digest_file(beside) != digest_file(inside):
            raise VerificationError(
                f"`{name}` beside the bundle is another than the one in it",
                code="audit/copy",
                hint="do not believe it; the report that was verified is the one in the bundle",
                where=Where(file=str(beside)),
            )
    return tuple(there)


def _answer_again(
    evidence: BundledEvidence, inputs: Inputs, files: Mapping[str, bytes], told: Told | None
) -> None:
    """Answer the question from the bundle alone, and compare every byte ([AUD-165])."""
    try:
        report = answer(evidence, inputs, told=told)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A command makes switches that can be asked; a manifest may have anything.
        raise VerificationError(
            "the bundle’s question is none that can be asked", code="audit/bundle"
        ) from error
    again = {
        REPORT: report_to_bytes(report),
        ITEMS: items_to_bytes(report),
        PAGE: write_page(paper_of(report)),
    }
    for name, data in again.items():
        if data != files[name]:
            raise VerificationError(
                f"the bundle gives another answer than its `{name}`",
                code="audit/answer",
                hint=f"it was made by {evidence.manifest.made_by}: verify it with that version",
            )


def _printed_again(report: Report, manifest: Manifest, data: bytes) -> bool:
    try:
        # Only who has the extra can print.
        from privity.audit.papers.pdf import (  # noqa: PLC0415 - it may not be installed
            PRINTED_BY,
            write_pdf,
        )
    except UnavailableError:
        return False
    if manifest.printed_by != PRINTED_BY:
        return False
    if write_pdf(paper_of(report)) != data:
        raise VerificationError(
            f"the bundle gives another answer than its `{PRINT}`", code="audit/answer"
        )
    return True


def _inputs(folder: Path, manifest: Manifest, given: tuple[Path, ...], names: Path) -> Inputs:
    return Inputs(
        kind=manifest.kind,
        options=manifest.options,
        files={name: read_file(folder / QUESTION / name) for name in manifest.question},
        outside=tuple(_outside(manifest, given, names)),
    )


def _outside(manifest: Manifest, given: tuple[Path, ...], names: Path) -> Iterator[Outside]:
    """Find the files that the question was about, by what is in them, and give each the name that it had ([AUD-167])."""
    sizes = {one.size for one in manifest.outside}
    found: dict[str, Path] = {}
    for place in given:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.stat().st_size in sizes:
                found.setdefault(digest_file(path), path)
    for number, one in enumerate(manifest.outside):
        if one.sha256 not in found:
            raise InputError(
                f"the answer rests on `{one.name}`, which is not in the bundle",
                code="audit/outside",
                hint=f"give the file whose SHA-256 is {one.sha256} with --outside",
            )
        place = names / str(number) / one.name
        place.parent.mkdir()
        # A name says how a file is read: the one that it has here may say something else.
        place.symlink_to(found[one.sha256].absolute())
        yield Outside(
            role=one.role, name=one.name, sha256=one.sha256, size=one.size, path=place
        )
