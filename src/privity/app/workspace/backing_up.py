# SPDX-License-Identifier: Apache-2.0
"""Back a workspace up: one folder for each time, in two parts with two lives (docs/workspace.md).

`log` has the database, in which payloads are sealed, the settings, and, if that is asked for, the public tree: it may be kept
for good. `vault` has the members' keys, the files of baselines, and what is private of releases, which say whose and what: it is kept
for 30 days, so that whoever is erased is erased from backups too. The key that signs the log is in neither.

Others go on to record and to publish meanwhile, since to copy much takes longer than an entry may wait; nobody erases.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from privity.app.workspace.parts import Workspace, reread
from privity.app.workspace.release_vault import copy_release_vault, is_secret
from privity.canonical.decode import decode
from privity.canonical.encode import digest_file, encode_pretty
from privity.canonical.instants import Instant, format_instant, parse_instant
from privity.errors import InputError, PrivityError
from privity.ledger.ports import CHECKPOINT, VKEY
from privity.ledger.reading import read_entries, read_hashes
from privity.ledger.recover import opened, read_served
from privity.ledger.tiles import bundles_between, encode_bundle, tiles_between
from privity.store.baselines import keeping, kept_files
from privity.store.files import Folder, force_folder, make_folder, unreachable
from privity.store.lock import PATIENCE, locked
from privity.store.private import destroy, make_private_folder, put_private
from privity.store.sqlite import open_log

KEPT: Final = 30 * 86_400
"""Seconds for which the keys may be kept in backups."""
LOG: Final = "log"
VAULT: Final = "vault"
MANIFEST: Final = "manifest.json"
DATABASE: Final = "ledger.db"
KEYS: Final = "keys.db"
SETTINGS: Final = "privity.toml"
FORMER: Final = "former.vkeys"
PUBLIC: Final = "public"
BASELINES: Final = "baseline"

_ASIDE: Final = ".new-"
_GONE: Final = ".gone-"
_FILES_AT_ONCE: Final = 64
_SCHEMA: Final = "privity/backup/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a backup.

    Attributes:
        folder: Where it lies.
        origin: The name of the log.
        time: When it was made.
        size: How many entries the log had.
        files: Its files, each with its SHA-256.
    """

    folder: Path
    origin: str
    time: Instant
    size: int
    files: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BackedUp:
    """A backup.

    Attributes:
        folder: Where it lies.
        size: How many entries it has.
        members: How many keys.
        baselines: How many files of baselines.
        releases: Of how many releases the private part.
        tree: Whether the public tree is in it.
        expired: The parts with keys that were removed, because they were older than 30 days.
        due: Those that are older and are there.
    """

    folder: Path
    size: int
    members: int
    baselines: int
    releases: int
    tree: bool
    expired: tuple[Path, ...]
    due: tuple[Path, ...]


def back_up(
    workspace: Workspace, into: Path, *, tree: bool = False, expire: bool = False
) -> BackedUp:
    """Copy a workspace into a new folder.

    Args:
        workspace: Which.
        into: The folder that has its backups; it is made if need be.
        tree: Whether to copy the public tree too.
        expire: Whether to remove keys that were backed up more than 30 days ago.

    Raises:
        ConflictError: Another process erases, repairs or backs up (`store/locked`).
        InputError: The folder is in the workspace, or something is in it that is no backup.
        VerificationError: The public tree is to be copied, and does not hold together.
        UnavailableError: The disk is full or fails.
    """
    _check_place(workspace, into)
    try:
        make_folder(into)
        with locked(workspace.places.erasing, seconds=PATIENCE):
            return _back_up(workspace, into, tree=tree, expire=expire)
    except OSError as error:
        raise unreachable(into, error) from error


def expire_backups(into: Path, *, now: Instant) -> tuple[Path, ...]:
    """Remove the keys and baselines of backups that are older than 30 days; gives which.

    Raises:
        InputError: Something is in the folder that is no backup.
        UnavailableError: The disk fails.
    """
    try:
        _finish_expiry(into)
        found = tuple(_due(into, now))
        for folder in found:
            aside = folder.with_name(f"{_GONE}{VAULT}")
            folder.rename(aside)
            force_folder(aside.parent)
            _destroy(aside)
    except OSError as error:
        raise unreachable(into, error) from error
    return found


def read_part(folder: Path) -> Part:
    """Read what a part of a backup has, and check that every file is what it was.

    Raises:
        InputError: It is none, or a file was changed or is missing (`workspace/backup`).
    """
    part = _part(folder)
    for name, sha256 in part.files.items():
        path = folder / name
        if not path.is_file() or digest_file(path) != sha256:
            raise _no_backup(folder, f"`{name}` is missing or was changed")
    return part


def _back_up(workspace: Workspace, into: Path, *, tree: bool, expire: bool) -> BackedUp:
    for left in into.glob(f"{_ASIDE}*"):
        _destroy(left)
    _finish_expiry(into)
    now = workspace.now()
    aside = into / f"{_ASIDE}{workspace.store.head().size}"
    make_private_folder(aside)
    log, vault = aside / LOG, aside / VAULT
    for folder in (log, vault):
        make_private_folder(folder)
    # INVARIANT: the checkpoint before the database, and the keys after it. So it has all that the copied tree speaks
    # for, and no stream whose key is not there.
    served = _served(workspace) if tree else None
    workspace.store.back_up(log / DATABASE)
    workspace.keys.back_up(vault / KEYS)
    places = workspace.places
    put_private(log / SETTINGS, places.settings.read_bytes())
    if places.former_vkeys.exists():
        put_private(log / FORMER, places.former_vkeys.read_bytes())
    baselines = _copy_baselines(places.baselines, vault)
    releases = copy_release_vault(places, vault, origin=workspace.settings.origin)
    if served is not None:
        _copy_tree(workspace, served, log / PUBLIC)
    size = _size_of(log / DATABASE, workspace.settings.origin)
    for folder in (log, vault):
        _write_manifest(folder, origin=workspace.settings.origin, time=now, size=size)
    target = _free_name(into, now)
    aside.rename(target)
    force_folder(into)
    expired = expire_backups(into, now=now) if expire else ()
    return BackedUp(
        folder=target,
        size=size,
        members=sum(len(some) for some in workspace.keys.members()),
        baselines=baselines,
        releases=releases,
        tree=served is not None,
        expired=expired,
        due=tuple(_due(into, now)),
    )


def _finish_expiry(into: Path) -> None:
    """Remove the keys that a killed process was about to remove."""
    for left in sorted(into.glob(f"*/{_GONE}{VAULT}")):
        _destroy(left)


def _check_place(workspace: Workspace, into: Path) -> None:
    """Check that a folder for backups is outside of the workspace, whose public tree is served to everybody."""
    root = workspace.places.root.resolve()
    if into.resolve() == root or root in into.resolve().parents:
        raise InputError(
            f"`{into}` is in the workspace, expected a folder elsewhere, best on another disk",
            code="workspace/backup-place",
        )


def _size_of(database: Path, origin: str) -> int:
    copied = open_log(database, origin=origin, look=True)
    try:
        return copied.head().size
    finally:
        copied.close()


def _copy_baselines(source: Path, target: Path) -> int:
    kept = list(kept_files(source))
    if kept:
        make_private_folder(target / BASELINES)
    for one in kept:
        with keeping(target / BASELINES, one.path, opening=one.opening):
            pass
    return len(kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Served:
    """What a public tree serves that changes.

    Attributes:
        checkpoint: Its checkpoint.
        size: How many entries that speaks for.
        vkeys: The keys that sign.
    """

    checkpoint: bytes
    size: int
    vkeys: bytes


def _served(workspace: Workspace) -> _Served | None:
    """Read what is served; None where nothing is."""
    log = reread(workspace).log
    if read_served(log.tree) is None:
        return None
    # In this order: where a key is exchanged in between, one of both has signed.
    vkeys, checkpoint = log.tree.read(VKEY), log.tree.read(CHECKPOINT)
    signed = opened(log, checkpoint, what="checkpoint of the public tree")
    return _Served(
        checkpoint=checkpoint, size=0 if signed is None else signed.size, vkeys=vkeys
    )


def _copy_tree(workspace: Workspace, served: _Served, target: Path) -> None:
    """Copy of a public tree what a checkpoint speaks for, and all objects, which are named by what they are.

    No tile of what was published since: whoever goes on from the backup publishes something else in its place.
    """
    make_private_folder(target)
    tree = Folder(target)
    files = _files_of(Folder(workspace.places.public), served.size)
    while some := list(islice(files, _FILES_AT_ONCE)):
        tree.write_new(some)
    tree.replace(VKEY, served.vkeys)
    tree.replace(CHECKPOINT, served.checkpoint)


def _files_of(tree: Folder, size: int) -> Iterator[tuple[str, bytes]]:
    """Give the files of a tree of a size; a tile that was not full may be in the full one by now."""
    for tile in tiles_between(0, size):
        yield tile.path(), b"".join(read_hashes(tree, tile))
    for bundle in bundles_between(0, size):
        yield bundle.path(), encode_bundle(read_entries(tree, bundle))
    for name, data in tree.objects():
        yield f"object/sha256/{name}", data


def _write_manifest(folder: Path, *, origin: str, time: Instant, size: int) -> None:
    files = {
        path.relative_to(folder).as_posix(): digest_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    text = encode_pretty(
        {
            "files": files,
            "origin": origin,
            "schema": _SCHEMA,
            "size": size,
            "time": format_instant(time),
        }
    )
    put_private(folder / MANIFEST, text.encode())


def _part(folder: Path) -> Part:
    path = folder / MANIFEST
    try:
        read = decode(path.read_text(encoding="utf-8"))
        return Part(
            folder=folder,
            origin=str(read["origin"]),
            time=parse_instant(str(read["time"])),
            size=int(read["size"]),
            files={str(name): str(sha256) for name, sha256 in read["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, PrivityError) as error:
        raise _no_backup(folder, f"its `{MANIFEST}` cannot be read") from error


def _due(into: Path, now: Instant) -> Iterator[Path]:
    """Give the parts with keys that are older than they may become."""
    for path in sorted(into.glob(f"*/{VAULT}/{MANIFEST}")):
        if not path.parent.parent.name.startswith(".") and _part(path.parent).time + KEPT < now:
            yield path.parent


def _destroy(folder: Path) -> None:
    """Remove a folder; what is secret in it is written over."""
    for path in sorted(folder.rglob("*")):
        if path.name == KEYS or is_secret(path.name) or path.suffix == ".opening":
            destroy(path)
    shutil.rmtree(folder)
    force_folder(folder.parent)


def _free_name(into: Path, now: Instant) -> Path:
    name = format_instant(now).replace("-", "").replace(":", "")
    number = 1
    while (target := into / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return target


def _no_backup(folder: Path, why: str) -> InputError:
    return InputError(
        f"`{folder}` is no part of a backup: {why}",
        code="workspace/backup",
        hint="name a folder that `privity ledger backup` made",
    )
