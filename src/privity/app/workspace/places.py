# SPDX-License-Identifier: Apache-2.0
"""Where in its folder a workspace keeps what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.config.workspace import WorkspaceSettings


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of a workspace.

    Attributes:
        root: Its folder.
    """

    root: Path

    @property
    def settings(self) -> Path:
        """The settings."""
        return self.root / "privity.toml"

    @property
    def public(self) -> Path:
        """The public tree: it may be served as it is."""
        return self.root / "public"

    @property
    def log(self) -> Path:
        """The database of the log."""
        return self.root / "state" / "ledger.db"

    @property
    def lock(self) -> Path:
        """The lock of whoever publishes or repairs."""
        return self.root / "state" / "ledger.lock"

    @property
    def erasing(self) -> Path:
        """The lock of whoever erases, repairs or backs up; publishing goes on meanwhile."""
        return self.root / "state" / "erasing.lock"

    @property
    def founding(self) -> Path:
        """The lock of whoever makes the workspace; it goes with them."""
        return self.root / "state" / "founding.lock"

    @property
    def projection(self) -> Path:
        """What is known of members, made from the log and never its source."""
        return self.root / "state" / "projection.db"

    @property
    def keys(self) -> Path:
        """The database of the members' keys."""
        return self.root / "vault" / "keys.db"

    @property
    def baselines(self) -> Path:
        """The files of facts that baselines commit to."""
        return self.root / "vault" / "baseline"

    @property
    def signer(self) -> Path:
        """The key that signs the log."""
        return self.root / "keys" / "log.key"

    @property
    def next_signer(self) -> Path:
        """The key that is to sign the log, until it is in its place."""
        return self.root / "keys" / "next.key"

    @property
    def previous_signer(self) -> Path:
        """The key that signed before a rotation, and signs besides for a while."""
        return self.root / "keys" / "previous.key"

    @property
    def former_vkeys(self) -> Path:
        """The verifier keys that signed before a rotation, one a line."""
        return self.root / "keys" / "former.vkeys"

    @property
    def clearings(self) -> Path:
        """What unfinished clearings are made in."""
        return self.root / "state" / "clearings"

    @property
    def release_index(self) -> Path:
        """The database of whose records are in which release."""
        return self.root / "vault" / "releases.db"

    @property
    def release_vault(self) -> Path:
        """What releases were decided from, a folder for each."""
        return self.root / "vault" / "releases"

    @property
    def run_journals(self) -> Path:
        """What training runs say of each batch that they consumed, a file for each run."""
        return self.root / "vault" / "runs"

    @property
    def release_signer(self) -> Path:
        """The key that signs what is said of releases."""
        return self.root / "keys" / "release.key"

    def former_release_signer(self, key_id: str) -> Path:
        """A key that signed for releases before an exchange, and goes on doing it for those that name it."""
        return self.root / "keys" / f"release-{key_id}.key"

    def former_release_signers(self) -> tuple[Path, ...]:
        """All of them."""
        return tuple(sorted((self.root / "keys").glob("release-*.key")))

    @property
    def webhooks(self) -> Path:
        """Where recipients get messages: an address may be a secret."""
        return self.root / "keys" / "webhooks.json"

    @property
    def outbox(self) -> Path:
        """Which messages wait to be sent again."""
        return self.root / "state" / "outbox.json"

    def anchor(self, settings: WorkspaceSettings) -> Path:
        """The last published checkpoint, kept besides."""
        return self.root / settings.anchor
