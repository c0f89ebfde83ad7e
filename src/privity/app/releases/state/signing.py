# SPDX-License-Identifier: Apache-2.0
"""The keys that sign what is said of releases: the operator's, and a recipient's (specs/release.md; specs/entry.md, part 10).

The operator's lies in the workspace, is made when it is first needed, and is named by the entry of every release. One that
was lost is not made anew: what it signed would be verified by nobody. One that was exchanged stays, for the releases that name it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import public_stream
from privity.entries.dsse import EnvelopeSigner, key_id_of
from privity.entries.fields import KEY_SIZE
from privity.entries.key_files import (
    is_public,
    public_from,
    public_to_pem,
    signer_from_pem,
    signer_to_pem,
)
from privity.entries.release import STREAM as RELEASE
from privity.errors import ConflictError, InputError, UnavailableError, Where
from privity.store.files import force_folder, unreachable
from privity.store.lock import PATIENCE, locked
from privity.store.private import put_private
from privity.vocabulary.terms import quoted

Key = TypeVar("Key", EnvelopeSigner, bytes)

_ONLY_OWNER: Final = 0o600
_OTHERS: Final = 0o077
_LARGEST: Final = 1 << 16


def release_signer(workspace: Workspace) -> EnvelopeSigner:
    """Give the key that signs what is said of releases; the first time it is made.

    Raises:
        InputError: What lies in its place is no key.
        UnavailableError: It is missing though there are releases, or somebody else may read it
            (`release/signing-key`); or the disk is full or fails.
    """
    path = workspace.places.release_signer
    if not path.exists():
        if _used(workspace):
            raise _missing(path)
        _make(path, signer_to_pem(EnvelopeSigner(seed=secrets.token_bytes(KEY_SIZE))))
    return read_signer(path)


def signer_of(workspace: Workspace, release: ReleaseState) -> EnvelopeSigner:
    """Give the key that signs what is said of a release: the one that its entry names.

    Raises:
        ConflictError: The key in the workspace is another one (`release/other-key`).
        InputError: As `release_signer`.
        UnavailableError: As `release_signer`.
    """
    public = release.created.says.key
    signer = release_signer(workspace)
    if signer.public == public:
        return signer
    former = workspace.places.former_release_signer(key_id_of(public))
    if former.exists() and (signer := read_signer(former)).public == public:
        return signer
    raise ConflictError(
        f"the key `{workspace.places.release_signer}` is not the one that the entry of release "
        f"{quoted(release.name)} names, and no former one is",
        code="release/other-key",
        hint="put that key back from a backup",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangedKey:
    """An exchange of the key that signs for releases.

    Attributes:
        public: The key of releases that are made from now on.
        previous: The key of those that were made before, 32 bytes like the other.
        kept: Where the latter stays, for them.
    """

    public: bytes
    previous: bytes
    kept: Path


def exchange_release_key(workspace: Workspace) -> ExchangedKey:
    """Make another key for releases that are made from now on; each that was made before keeps its own ([REL-158]).

    Raises:
        ConflictError: Another process publishes, or exchanges keys (`store/locked`).
        InputError: What lies in the place of the key is none.
        UnavailableError: It is missing, or somebody else may read it; or the disk is full or fails.
    """
    path = workspace.places.release_signer
    with locked(workspace.places.lock, seconds=PATIENCE):
        old = release_signer(workspace)
        kept = workspace.places.former_release_signer(key_id_of(old.public))
        new = EnvelopeSigner(seed=secrets.token_bytes(KEY_SIZE))
        try:
            # INVARIANT: the old one has its other name before it loses this one.
            if not kept.exists():
                kept.hardlink_to(path)
                force_folder(path.parent)
            put_private(path, signer_to_pem(new))
        except OSError as error:
            raise unreachable(path, error) from error
    return ExchangedKey(public=new.public, previous=old.public, kept=kept)


def read_signer(path: Path) -> EnvelopeSigner:
    """Read a key that signs, which its owner alone may read: the operator's, or a recipient's.

    Raises:
        InputError: It is none.
        UnavailableError: It is missing, or somebody else may read it (`release/signing-key`).
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
            # Of a public key it is not said that nobody else may read it, but that it does not sign.
            if os.fstat(file.fileno()).st_mode & _OTHERS and not is_public(data):
                raise UnavailableError(
                    f"others may read `{path}`, expected its owner alone",
                    code="release/signing-key",
                    hint=f"run `chmod 600 {path}`, and use another key if somebody did",
                )
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise unreachable(path, error) from error
    return _read(path, signer_from_pem, data)


def read_public(path: Path) -> bytes:
    """Read a recipient's public key: PEM, or base64; 32 bytes.

    Raises:
        InputError: It is none, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        raise InputError(
            f"the key cannot be read: {error.strerror}",
            code="entry/key-file",
            where=Where(file=str(path)),
        ) from error
    return _read(path, public_from, data)


def make_keys(path: Path) -> tuple[bytes, Path]:
    """Make a pair of keys for a recipient: the secret one for its owner alone, the public one beside it.

    Args:
        path: Where the secret one goes; the public one has the same name with `.pub` behind.

    Returns:
        The public key's 32 bytes, and its file.

    Raises:
        ConflictError: Something lies there already (`release/key-there`).
        UnavailableError: The disk is full or fails.
    """
    beside = path.with_name(f"{path.name}.pub")
    signer = EnvelopeSigner(seed=secrets.token_bytes(KEY_SIZE))
    for place in (path, beside):
        if place.exists():
            raise _there(place)
    # INVARIANT: the secret key first: a public one that nobody has the secret of may not lie about.
    if not _make(path, signer_to_pem(signer)):
        raise _there(path)
    if not _make(beside, public_to_pem(signer.public), readable=True):
        raise _there(beside)
    return signer.public, beside


def _used(workspace: Workspace) -> bool:
    """Tell whether the log speaks of a release, which names a key."""
    return workspace.store.vault.stream(public_stream(RELEASE)) is not None


def _make(path: Path, data: bytes, *, readable: bool = False) -> bool:
    """Make a file whole or not at all; tells whether it was made, or somebody else came first."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        aside = Path(name)
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fchmod(number, 0o644 if readable else _ONLY_OWNER)
                os.fsync(number)
            # A link never replaces a key that somebody else has made meanwhile.
            path.hardlink_to(aside)
        except FileExistsError:
            return False
        finally:
            aside.unlink(missing_ok=True)
        force_folder(path.parent)
    except OSError as error:
        raise unreachable(path, error) from error
    return True


def _read(path: Path, parse: Callable[[bytes], Key], data: bytes) -> Key:
    """Read a key, and say in which file it is if it is none."""
    try:
        return parse(data)
    except InputError as error:
        raise InputError(
            error.message, code=error.code, hint=error.hint, where=Where(file=str(path))
        ) from error


def _missing(path: Path) -> UnavailableError:
    return UnavailableError(
        f"the key `{path}` is missing",
        code="release/signing-key",
        hint="put it back from a backup, or from where keys are kept",
    )


def _there(path: Path) -> ConflictError:
    return ConflictError(
        f"`{path}` is there already, and no key is written over",
        code="release/key-there",
        hint="name another file",
    )
