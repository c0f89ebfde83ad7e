# SPDX-License-Identifier: Apache-2.0
"""Genesis: the first entry of a log, which says how the log is kept (specs/entry.md, part 5)."""

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
    check_whole,
    in_base64,
    keys_of,
    present,
    wrong,
)
from privity.ledger.note import Vkey

CLOCKS: Final = ("system", "simulated")
ATTESTED: Final = ("restrict", "accept")
SIMULATED: Final = "/simulated"
"""How the origin of a log ends whose clock is simulated, and of no other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Predecessor:
    """The log that this one goes on from, at the last checkpoint that others have signed.

    Attributes:
        origin: Its name.
        size: Its number of entries.
        root: The root of its tree.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_whole("size", self.size, lowest=1)
        check_bytes("root", self.root, KEY_SIZE)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"origin": self.origin, "root": in_base64(self.root), "size": self.size}

    @classmethod
    def parse(cls, payload: object) -> Predecessor:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("origin", "root", "size"))
        return cls(origin=keys["origin"], size=keys["size"], root=bytes_of(keys, "root"))


@dataclass(frozen=True, kw_only=True, slots=True)
class GenesisEntry:
    """The beginning of a log.

    Attributes:
        origin: The log's name; with a simulated clock it ends in `/simulated`.
        vkey: The key that verifies its first checkpoints, as text, under the log's name.
        clock: `system`, or `simulated` where the instant of an entry can be set.
        attested: What an attested permit counts as: `restrict` (nothing before its entry) or `accept`.
        vocabulary: The version of the vocabulary that it begins with.
        continues: The log that this one goes on from, or None.
    """

    STREAM: ClassVar[str] = "genesis"

    origin: str
    vkey: str
    clock: str
    attested: str
    vocabulary: str
    continues: Predecessor | None = None

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_choice("clock", self.clock, CLOCKS)
        check_choice("attested", self.attested, ATTESTED)
        check_name("vocabulary", self.vocabulary)
        if check_vkey("vkey", self.vkey).name != self.origin:
            raise wrong("vkey", self.vkey, f"a key of `{self.origin}`")
        # INVARIANT: nobody sees a simulated log's name without seeing that it is one.
        if self.origin.endswith(SIMULATED) != (self.clock == "simulated"):
            raise wrong(
                "origin",
                self.origin,
                f"a name that ends in `{SIMULATED}` where the clock is simulated, and nowhere else",
            )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            origin=self.origin,
            vkey=self.vkey,
            clock=self.clock,
            attested=self.attested,
            vocabulary=self.vocabulary,
            continues=None if self.continues is None else self.continues.to_payload(),
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> GenesisEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload,
            required=("origin", "vkey", "clock", "attested", "vocabulary"),
            optional=("continues",),
        )
        if "continues" in keys:
            keys = {**keys, "continues": Predecessor.parse(keys["continues"])}
        return cls(**keys)


def check_vkey(key: str, text: object) -> Vkey:
    """Read a verifier key.

    Raises:
        InputError: It is none.
    """
    if not isinstance(text, str):
        raise wrong(key, text, "a verifier key, such as `example.com/log+0123abcd+AQ…`")
    return Vkey.parse(text)
