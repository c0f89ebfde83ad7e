# SPDX-License-Identifier: Apache-2.0
"""Run: a training run begins on releases, and ends (specs/entry.md, part 5; specs/release.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_name,
    check_sha256,
    check_short_name,
    check_whole,
    in_base64,
    keys_of,
    list_of,
    present,
    wrong,
)

ENDS: Final = ("completed", "aborted")
"""How a run ends."""
MOST: Final = 32
"""The most releases that a run begins on, and the most checkpoints that its end names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStart:
    """A run begins; its ticket is given out after this entry.

    Attributes:
        run: Its name, never used again.
        recipient: Who runs it.
        releases: The releases that it reads, each with its revision; 1 to 32.
        ledger_size: The entries up to which nothing of them was due.
        code: The SHA-256 of the code, in hexadecimal.
        config: The SHA-256 of the configuration, in hexadecimal.
        base: The model that it goes on from, or None.
    """

    STREAM: ClassVar[str] = "run.start"

    run: str
    recipient: str
    releases: tuple[tuple[str, int], ...]
    ledger_size: int
    code: str
    config: str
    base: str | None = None

    def __post_init__(self) -> None:
        check_short_name("run", self.run)
        check_name("recipient", self.recipient)
        for release, revision in self.releases:
            check_short_name("release", release)
            check_whole("revision", revision, lowest=1)
        names = [release for release, _ in self.releases]
        if not 1 <= len(names) <= MOST or len(set(names)) != len(names):
            raise wrong("releases", ", ".join(names), f"1 to {MOST} releases, each once")
        check_whole("ledger_size", self.ledger_size, lowest=1)
        check_sha256("code", self.code)
        check_sha256("config", self.config)
        if self.base is not None:
            check_short_name("base", self.base)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            run=self.run,
            recipient=self.recipient,
            releases=[
                {"release": release, "revision": revision}
                for release, revision in self.releases
            ],
            ledger_size=self.ledger_size,
            code=self.code,
            config=self.config,
            base=self.base,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RunStart:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload,
            required=("run", "recipient", "releases", "ledger_size", "code", "config"),
            optional=("base",),
        )
        pairs = [
            keys_of(one, required=("release", "revision")) for one in list_of(keys, "releases")
        ]
        releases = tuple((one["release"], one["revision"]) for one in pairs)
        return cls(**{**keys, "releases": releases})


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEnd:
    """A run has ended.

    Attributes:
        run: The run.
        how: `completed` or `aborted`.
        batches: How many batches it consumed.
        batches_root: The root over them, in their order.
        checkpoints: The SHA-256 of each checkpoint that it kept, in hexadecimal; at most 32.
    """

    STREAM: ClassVar[str] = "run.end"

    run: str
    how: str
    batches: int
    batches_root: bytes
    checkpoints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_short_name("run", self.run)
        check_choice("how", self.how, ENDS)
        check_whole("batches", self.batches)
        check_bytes("batches_root", self.batches_root, KEY_SIZE)
        for one in self.checkpoints:
            check_sha256("checkpoints", one)
        if len(self.checkpoints) > MOST:
            raise wrong("checkpoints", len(self.checkpoints), f"{MOST} at most")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            run=self.run,
            how=self.how,
            batches=self.batches,
            batches_root=in_base64(self.batches_root),
            checkpoints=self.checkpoints,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RunEnd:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload,
            required=("run", "how", "batches", "batches_root"),
            optional=("checkpoints",),
        )
        root, checkpoints = bytes_of(keys, "batches_root"), list_of(keys, "checkpoints")
        return cls(**{**keys, "batches_root": root, "checkpoints": checkpoints})
