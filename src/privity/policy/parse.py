# SPDX-License-Identifier: Apache-2.0
"""A policy's text to a `Version`, strictly (specs/policy.md parts 1 and 2).

Decides whether every key, term, place and instant is one that the policy language knows, and says for
each that is not what was seen, what was expected and where. It does not ask whether the policy makes
sense: that is `privity.policy.check`. A setting may name a notice that the policy does not have; such a
setting has reached nobody, which is a decision and no error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from privity.canonical.instants import Instant
from privity.errors import InputError, Where
from privity.policy.model import Version
from privity.policy.nodes import MOST_BYTES, read_text, read_value
from privity.policy.reading import Reading, read_version
from privity.policy.versions import History, history

SUFFIXES: Final = (".yaml", ".yml", ".json")


def parse_policy(text: str, *, file: str, published_at: Instant | None = None) -> Version:
    """Read one policy version from YAML 1.2 or JSON text.

    Args:
        text: The whole file.
        file: Its name, for messages and for `Version.source`.
        published_at: When a ledger says that it was published; None is no ledger, and the text says it.

    Raises:
        InputError: The first problem in the text.
    """
    return sound(inspect_policy(text, file=file, published_at=published_at))


def version_from(mapping: Mapping[str, object], *, file: str = "<policy>") -> Version:
    """Read one policy version from a plain mapping, such as decoded JSON.

    Raises:
        InputError: The first problem in the mapping.
    """
    return sound(read_version(read_value(mapping, file=file), file=file))


def inspect_policy(
    text: str, *, file: str, published_at: Instant | None = None, draft: bool = False
) -> Reading:
    """Read one policy version and collect every problem; never raises for what the text says.

    Args:
        text: The whole file.
        file: Its name.
        published_at: As for `parse_policy`.
        draft: Whether the text may leave out when it was published ([POL-35]).
    """
    try:
        root = read_text(text, file=file)
    except InputError as error:
        return Reading(version=None, problems=(error,))
    return read_version(root, file=file, published_at=published_at, draft=draft)


def read_policies(paths: Iterable[Path]) -> History:
    """Read the versions of one policy from files and directories.

    A directory stands for the `*.yaml`, `*.yml` and `*.json` files in it and below, whatever the case of their endings;
    what is hidden is passed over. A file that is named twice is read once.

    Raises:
        InputError: A path cannot be read, a directory has no policy, a file has a problem, or the
            versions do not belong together.
    """
    return history(
        parse_policy(read_file(path), file=str(path)) for path in policy_files(paths)
    )


def policy_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Give the policy files that the paths stand for, each once.

    Raises:
        InputError: A path does not exist, or a directory has no policy file.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files_of(path):
            found.setdefault(_real(file), file)
    return tuple(found.values())


def read_file(path: Path, what: str = "policy") -> str:
    """Read the text of a policy file, or of what stands beside one.

    Args:
        path: The file.
        what: What it is called in messages.

    Raises:
        InputError: It cannot be read, is above 1 MiB, or is no UTF-8.
    """
    where = Where(file=str(path))
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error, what) from error
    if len(data) > MOST_BYTES:
        raise InputError(
            f"the {what} has more than 1 MiB, expected at most that",
            code="policy/too-large",
            where=where,
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"byte {error.start} is no UTF-8, expected UTF-8 text",
            code="policy/encoding",
            where=Where(file=str(path), line=line),
        ) from error


def _files_of(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        files = sorted(_below(path))
    except OSError as error:
        raise _unreadable(path, error) from error
    if not files:
        raise InputError(
            "the directory has no policy, expected `*.yaml`, `*.yml` or `*.json` files",
            code="policy/no-file",
            where=Where(file=str(path)),
        )
    return files


def _real(path: Path) -> Path:
    """Give a path without links; of a ring of links whoever opens it is told."""
    try:
        return path.resolve()
    except RuntimeError:
        return path.absolute()


def _below(path: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Give the policy files in a directory and below it: one that is passed over may be the stricter one."""
    here = above | {_real(path)}
    for one in path.iterdir():
        if one.name.startswith("."):
            continue
        if one.is_dir():
            # A link may lead back up.
            yield from () if _real(one) in here else _below(one, here)
        elif one.suffix.lower() in SUFFIXES:
            yield one


def _unreadable(path: Path, error: OSError, what: str = "policy") -> InputError:
    said = (error.strerror or "it failed").lower()
    return InputError(
        f"the {what} cannot be read ({said}), expected a readable file or directory",
        code="policy/no-file",
        where=Where(file=str(path)),
    )


def sound(reading: Reading) -> Version:
    """Give the version that was read.

    Raises:
        InputError: The first of its problems.
    """
    if reading.version is None:
        raise reading.problems[0]
    return reading.version
