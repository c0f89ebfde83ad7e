# SPDX-License-Identifier: Apache-2.0
"""What an auditor signs: the report in each of its forms, and the bundle that it rests on (specs/audit.md, part 6)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from privity.app.public_tree.files import read_file
from privity.audit.bundle import ITEMS, MANIFEST, PAGE, PRINT, REPORT
from privity.audit.report import Report
from privity.canonical.encode import digest
from privity.entries.dsse import EnvelopeSigner, read_signed, sign_value
from privity.entries.key_files import public_from, signer_from_pem
from privity.errors import PrivityError, VerificationError

TYPE: Final = "application/vnd.privity.audit+json"
SCHEMA: Final = "privity/audit-signature/v1"
SIGNED: Final = (MANIFEST, ITEMS, PAGE, PRINT, REPORT)
"""The files whose digests are signed."""


def read_signer(path: Path) -> EnvelopeSigner:
    """Read an auditor's key.

    Raises:
        InputError: It cannot be read, or is none.
    """
    return signer_from_pem(read_file(path))


def signature_of(report: Report, files: Mapping[str, bytes], signer: EnvelopeSigner) -> bytes:
    """Sign a report.

    Args:
        report: The report.
        files: The bytes of `SIGNED`, by name.
        signer: The auditor's key.
    """
    return sign_value(TYPE, _signed(report, files), signer).to_bytes()


def check_signature(
    data: bytes, report: Report, files: Mapping[str, bytes], auditor: str
) -> None:
    """Check that an auditor signed a report and its bundle as they lie here ([AUD-148]).

    Args:
        data: The envelope.
        report: The report.
        files: The bytes of `SIGNED`, by name.
        auditor: The auditor's public key, as text or the name of a file.

    Raises:
        InputError: The key is none.
        VerificationError: The key did not sign this (`audit/signature`).
    """
    public = public_key(auditor)
    try:
        signed = read_signed(data, payload_type=TYPE, public=public)
    except PrivityError as error:
        raise VerificationError(
            f"the auditor’s signature does not hold: {error.message}", code="audit/signature"
        ) from error
    if signed != _signed(report, files):
        raise VerificationError(
            "the auditor signed something else than what lies here", code="audit/signature"
        )


def public_key(text: str) -> bytes:
    """Read a public key as somebody gives it: a file, or base64.

    Raises:
        InputError: It is none.
    """
    path = Path(text)
    return public_from(read_file(path) if path.is_file() else text.encode())


def _signed(report: Report, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "answer": report.answer,
        "files": {name: digest(files[name]) for name in SIGNED},
        "kind": report.kind,
        "log": {key: report.log.get(key) for key in ("origin", "root", "size")},
        "schema": SCHEMA,
    }
