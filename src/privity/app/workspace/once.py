# SPDX-License-Identifier: Apache-2.0
"""Record once: whoever repeats a request, because no answer came, gets the answer of the first time.

A request is known by the name that somebody gave it, and by what it asks: another thing under the same name is
refused. What is kept of either is a hash by the platform's own key: without the vault nobody finds a member, or her
words, in it by guessing. It outlives her erasure: a request that is only repeated brings nobody back.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import (
    Private,
    Recorded,
    keys_of,
    record_in,
    recorded_before,
)
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.entries.kinds import PublicKind
from privity.errors import ConflictError
from privity.ledger.ports import Transaction
from privity.members.facts import MemberId
from privity.vocabulary.terms import quoted

_DOMAIN: Final = b"privity/request/v1\0"
_NAME: Final = b"privity/request-name/v1\0"

Say = Callable[[Instant], Sequence[PublicKind | Private]]
"""Gives what is to be said at an instant; asked while nobody else can record, so that it may look first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What somebody asks to be recorded.

    Attributes:
        asks: What is asked, as it was asked: what is filled in later is no part of it.
        name: A name of the caller's own; None is none, and whatever asks the same is the same request.
    """

    asks: Mapping[str, Any]
    name: str | None = None


def named(name: str | None, **asks: Any) -> Request | None:
    """Give the request of a name, or None where nobody named it."""
    return None if name is None else Request(asks=asks, name=name)


def record_once(
    workspace: Workspace,
    say: Say,
    *,
    members: Collection[MemberId | None] = (),
    objects: Sequence[bytes] = (),
    request: Request | None = None,
    looks: bool = False,
) -> Recorded:
    """Record what is said, all of it or nothing, unless the request was made before.

    Args:
        workspace: Where.
        say: What is said; if it is nothing, all of it was recorded before.
        members: In whose private streams something is said; None is the platform's own.
        objects: Public texts that it names by their SHA-256.
        request: What was asked; None is asked anew every time.
        looks: Whether `say` looks at what the log says: then most of it is read before others have to wait.

    Raises:
        ConflictError: Something else was asked under the request's name (`workspace/request`); or as `record`.
        InputError: As `record`.
        UnavailableError: As `record`.
    """
    names = () if request is None else _names(workspace, request)
    with workspace.store.transaction() as tx:
        if (before := _before(workspace, tx, request, names)) is not None:
            return before
    if looks:
        catch_up(workspace)
    # A key is kept before the entry that needs it; and none is made for who was answered already.
    keys = keys_of(workspace, members)
    with workspace.store.transaction() as tx:
        if (before := _before(workspace, tx, request, names)) is not None:
            return before
        now = workspace.now()
        # What was looked at and what is recorded are of one instant.
        still = replace(workspace, now=lambda: now)
        if not (said := say(now)):
            return Recorded(first=tx.head().size, count=0, time=now, again=True)
        made = record_in(still, tx, said, keys, objects=objects)
        for name in names:
            tx.put_request(name, made.first, made.count)
        return made


def was_recorded(workspace: Workspace, request: Request) -> Recorded | None:
    """Give what became of a request, or None where it was not made yet.

    Raises:
        ConflictError: Something else was asked under its name (`workspace/request`).
    """
    names = _names(workspace, request)
    with workspace.store.transaction() as tx:
        return _before(workspace, tx, request, names)


def _names(workspace: Workspace, request: Request) -> tuple[str, ...]:
    """Give the names that a request is kept under: by what it asks, and by its own if it has one."""
    key = keys_of(workspace, [None])[None].secret
    asks = hmac.digest(key, _DOMAIN + encode(request.asks), "sha256").hex()
    if request.name is None:
        return (f"asks\0{asks}",)
    # A name of the caller's own may say whose it is, and what she said.
    name = hmac.digest(key, _NAME + request.name.encode(), "sha256").hex()
    return (f"asks\0{asks}\0{request.name}", f"name\0{name}")


def _before(
    workspace: Workspace, tx: Transaction, request: Request | None, names: Sequence[str]
) -> Recorded | None:
    found = [tx.request(name) for name in names]
    if found and found[0] is not None:
        return recorded_before(workspace, found[0])
    if request is not None and any(one is not None for one in found):
        raise ConflictError(
            f"request {quoted(request.name or '')} was made before, for something else",
            code="workspace/request",
            hint="give every request a name of its own",
        )
    return None
