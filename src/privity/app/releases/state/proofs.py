# SPDX-License-Identifier: Apache-2.0
"""The proof of a release's entry, beside the release: whoever gets a copy can show it without asking anybody ([REL-9])."""

from __future__ import annotations

from dataclasses import replace

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import prove_entry
from privity.app.releases.state.places import ReleasePlaces
from privity.app.workspace.parts import Workspace
from privity.ledger.ports import CHECKPOINT, NotFoundError
from privity.ledger.proof_file import ProofFile
from privity.release.described import Described
from privity.release.laid_out import put
from privity.store.files import unreachable


def put_proof(workspace: Workspace, name: str) -> bool:
    """Put the proof of the newest entry of a release into its folder, if that is published.

    Args:
        workspace: Where the release is.
        name: Its name; it lies in its place.

    Returns:
        Whether the proof is there now.

    Raises:
        VerificationError: The public tree, or what describes the release, does not hold.
        UnavailableError: The disk is full or fails.
    """
    folder = ReleasePlaces.of(workspace.places, name).folder
    try:
        described = Described.parse(folder.described.read_bytes())
        if folder.proof.exists():
            found = ProofFile.parse(folder.proof.read_bytes())
            if found.index == described.index:
                return True
        try:
            workspace.log.tree.read(CHECKPOINT)
        except NotFoundError:
            return False
        vkeys = tuple(one.to_text() for one in workspace.log.vkeys)
        tree = open_tree(str(workspace.places.public), vkeys)
        if described.index >= tree.checkpoint.size:
            return False
        proved = prove_entry(tree, described.index)
        # The entry goes with its proof: whoever has both and the log's key needs nothing else.
        put(folder.proof, replace(proved.proof, extra=proved.entry).to_bytes())
    except OSError as error:
        raise unreachable(folder.root, error) from error
    return True
