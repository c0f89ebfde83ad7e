# SPDX-License-Identifier: Apache-2.0
"""Check a release by the proof that lies beside it: offline, with the log's key and nothing else (specs/release.md, part 4)."""

from __future__ import annotations

from privity.app.public_tree.files import given_vkeys
from privity.entries.decode import PublicEntry, decode
from privity.errors import VerificationError, Where
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.tree import leaf_hash
from privity.release.described import Described
from privity.release.folder import ReleaseFolder


def check_proof_of(folder: ReleaseFolder, described: Described, vkeys: tuple[str, ...]) -> int:
    """Check by the proof beside a release, offline, that a log has the entry of its revision.

    Args:
        folder: The release's.
        described: What it says of itself.
        vkeys: The keys of the log that are believed, as text or names of files.

    Returns:
        The size of the log that the proof is of.

    Raises:
        InputError: A key is none.
        VerificationError: The proof is missing, or does not show it (`release/not-in-log`).
    """
    believed = given_vkeys(vkeys)
    try:
        proof = ProofFile.parse(folder.proof.read_bytes())
    except OSError as error:
        raise VerificationError(
            f"the proof of the release’s entry cannot be read: {error.strerror}",
            code="release/not-in-log",
            hint="compare with the log itself: `--log`",
            where=Where(file=str(folder.proof)),
        ) from error
    except VerificationError as error:
        raise VerificationError(
            error.message,
            code=error.code,
            hint="get the release anew",
            where=Where(file=str(folder.proof)),
        ) from error
    checkpoint = open_proof(proof, leaf_hash(proof.extra), believed)
    found = decode(proof.extra, origin=described.origin)
    same = isinstance(found, PublicEntry) and found.says == described.says
    if not same or proof.index != described.index or checkpoint.origin != described.origin:
        raise VerificationError(
            "the proof is of another entry than the release’s",
            code="release/not-in-log",
            hint="do not use it; get the release anew",
            where=Where(file=str(folder.proof)),
        )
    return checkpoint.size
