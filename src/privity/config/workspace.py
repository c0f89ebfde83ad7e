# SPDX-License-Identifier: Apache-2.0
"""The settings of a workspace, `privity.toml` (docs/workspace.md).

What is settled for good, the log's name, its clock and what claims count as, stands in the log's first entry
too, and an opened workspace compares both. Nothing here reads a file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from privity.canonical.instants import parse_duration
from privity.errors import InputError, Where

Clock = Literal["system", "simulated"]
Claims = Literal["restrict", "accept"]

DEFAULT_ANCHOR: Final = "anchor/checkpoint"
DEFAULT_DEADLINE: Final = "P30D"
DEFAULT_RETENTION: Final = "P7D"
_KEYS: Final = ("origin", "clock", "attested", "anchor")
_DEFAULTS: Final = {"revocation": DEFAULT_DEADLINE, "retention": DEFAULT_RETENTION}
_PERIODS: Final = tuple(_DEFAULTS)
"""Keys that are written only where they are not as they are by default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkspaceSettings:
    """What a workspace is.

    Attributes:
        origin: The name of its log; it ends in `/simulated` where the clock is.
        clock: `system`, or `simulated`: the instant can be set, for demonstrations and tests.
        attested: What claims of before the log count as: `restrict` or `accept`.
        anchor: Where the last published checkpoint is kept besides: a path, from the workspace on. It protects
            against a restored copy only where that copy does not contain it.
        revocation: Within which time recipients delete what is taken back, from when it is found to be due: ISO 8601
            days or hours.
        retention: For how long the files that a taking back replaced stay for those who read them; likewise.
    """

    origin: str
    clock: Clock = "system"
    attested: Claims = "restrict"
    anchor: str = DEFAULT_ANCHOR
    revocation: str = DEFAULT_DEADLINE
    retention: str = DEFAULT_RETENTION

    @property
    def deadline(self) -> int:
        """Seconds within which recipients delete what is taken back."""
        return parse_duration(self.revocation)

    @property
    def kept(self) -> int:
        """Seconds for which replaced files stay."""
        return parse_duration(self.retention)


def parse_settings(text: str, *, file: str) -> WorkspaceSettings:
    """Read `privity.toml`.

    Args:
        text: What it says.
        file: Its name, for messages.

    Raises:
        InputError: It is no TOML, or a key is missing, unknown or of another type.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"no TOML: {str(error)[:1].lower()}{str(error)[1:]}", file) from error
    for key, value in found.items():
        if key not in (*_KEYS, *_PERIODS):
            raise _wrong(f"unknown key `{key}`, expected {_listed((*_KEYS, *_PERIODS))}", file)
        if not isinstance(value, str) or not value:
            raise _wrong(f"`{key}` is `{value}`, expected text", file)
    if "origin" not in found:
        raise _wrong("`origin` is missing, expected the name of the log", file)
    _check_choice("clock", found, get_args(Clock), file)
    _check_choice("attested", found, get_args(Claims), file)
    for key in _PERIODS:
        _check_period(key, found, file)
    return WorkspaceSettings(**found)


def format_settings(settings: WorkspaceSettings) -> str:
    """Give the text of `privity.toml`.

    Raises:
        InputError: A value holds a quotation mark, a backslash or a control character.
    """
    lines = [
        "# What this workspace is. Only `anchor`, `revocation` and `retention` may be changed afterwards."
    ]
    others = [key for key in _PERIODS if getattr(settings, key) != _DEFAULTS[key]]
    for key in (*_KEYS, *others):
        value: str = getattr(settings, key)
        if '"' in value or "\\" in value or not value.isprintable():
            raise InputError(
                f"`{key}` is `{value}`, expected text without quotation marks and backslashes",
                code="workspace/settings",
            )
        lines.append(f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


def _check_choice(key: str, found: dict[str, Any], choices: tuple[str, ...], file: str) -> None:
    if key in found and found[key] not in choices:
        raise _wrong(f"`{key}` is `{found[key]}`, expected {_listed(choices)}", file)


def _check_period(key: str, found: dict[str, Any], file: str) -> None:
    if key not in found:
        return
    try:
        parse_duration(found[key])
    except InputError as error:
        raise _wrong(
            f"`{key}` is `{found[key]}`, expected ISO 8601 days or hours such as `P30D`", file
        ) from error


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _wrong(message: str, file: str) -> InputError:
    return InputError(message, code="workspace/settings", where=Where(file=file))
