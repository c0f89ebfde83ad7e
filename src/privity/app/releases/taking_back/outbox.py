# SPDX-License-Identifier: Apache-2.0
"""Where recipients get messages, and which messages wait to be sent again (docs/revoking.md).

Who is to be told follows from the log alone: what is here is only an address for each recipient, and how often each message
was tried. An address may be a secret of the recipient's: both files are the owner's alone, and no address is ever said.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.app.workspace.places import Places
from privity.canonical.decode import decode
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.errors import UnavailableError
from privity.store.files import unreachable
from privity.store.lock import PATIENCE, locked
from privity.store.private import put_private

SCHEDULE: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds from each attempt to the next, as Standard Webhooks advises; after the last one nobody tries any more."""
_JITTER: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A message that was tried and not taken.

    Attributes:
        attempts: How often.
        next_at: When it is tried again.
    """

    attempts: int
    next_at: Instant


@dataclass(frozen=True, slots=True)
class Outbox:
    """What a workspace keeps of messages.

    Attributes:
        places: The workspace's.
    """

    places: Places

    def addresses(self) -> dict[str, str]:
        """Give the address of each recipient that has one.

        Raises:
            UnavailableError: The file cannot be read, or is none.
        """
        return {name: str(address) for name, address in _read(self.places.webhooks).items()}

    def set_address(self, recipient: str, address: str | None) -> None:
        """Say where a recipient gets messages, or, by None, nowhere.

        Raises:
            ConflictError: Another process changes it and does not end (`store/locked`).
            UnavailableError: The disk is full or fails.
        """
        with self._alone():
            found = self.addresses()
            found.pop(recipient, None)
            if address is not None:
                found[recipient] = address
            put_private(self.places.webhooks, encode(found))

    def remove_address(self, recipient: str, address: str) -> None:
        """Say that a recipient gets no messages at an address, unless it has another by now; raises as `set_address`."""
        with self._alone():
            found = self.addresses()
            if found.get(recipient) == address:
                del found[recipient]
                put_private(self.places.webhooks, encode(found))

    def waiting(self) -> dict[str, Waiting]:
        """Give the messages that were tried, by their names; raises as `addresses`."""
        return {
            name: Waiting(attempts=one["attempts"], next_at=one["next_at"])
            for name, one in _read(self.places.outbox).items()
        }

    def put_waiting(self, name: str, waits: Waiting | None) -> None:
        """Keep that a message waits to be tried again, or, by None, that it does not; raises as `set_address`."""
        with self._alone():
            waiting = self.waiting()
            waiting.pop(name, None)
            if waits is not None:
                waiting[name] = waits
            said = {
                name: {"attempts": one.attempts, "next_at": one.next_at}
                for name, one in waiting.items()
            }
            put_private(self.places.outbox, encode(said))

    def _alone(self) -> AbstractContextManager[None]:
        """Read and write as the only one: else of two changes at once one would be lost."""
        return locked(self.places.outbox.with_suffix(".lock"), seconds=PATIENCE)


def next_attempt(
    attempts: int, now: Instant, after: int | None, chance: float
) -> Waiting | None:
    """Say when a message is tried again, or None: it was tried often enough.

    Args:
        attempts: How often it was tried by now.
        now: The instant of the last attempt.
        after: How many seconds its receiver asked for, or None.
        chance: From 0 to 1: so that not all messages come back at one instant.
    """
    if attempts > len(SCHEDULE):
        return None
    delay = SCHEDULE[attempts - 1]
    delay += int(chance * delay / _JITTER)
    return Waiting(attempts=attempts, next_at=now + max(delay, after or 0))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unreachable(path, error) from error
    try:
        found = decode(data.decode())
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(found, dict):
        raise _damaged(path)
    return found


def _damaged(path: Path) -> UnavailableError:
    return UnavailableError(
        f"`{path}` is damaged",
        code="webhook/outbox",
        hint="remove it: who is to be told follows from the log; addresses have to be said again",
    )
