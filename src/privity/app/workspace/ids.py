# SPDX-License-Identifier: Apache-2.0
"""Ids of members: in one workspace they are all text, or all whole numbers.

The member `7` of one file and the member 7 of another are one person, whose no must not depend on the format of a
file. Which it is follows from the first member; what comes later is read so.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import member_of
from privity.errors import InputError
from privity.members.columns import FactColumns
from privity.members.facts import MemberId, as_number
from privity.store.baselines import kept_files
from privity.vocabulary.terms import quoted


class IdKind(StrEnum):
    """What the ids of members are."""

    TEXT = "text"
    NUMBER = "whole numbers"


def id_kind(workspace: Workspace) -> IdKind | None:
    """Give what the ids of a workspace's members are, or None while it has no member."""
    for key in workspace.keys.all():
        member = member_of(key.member)
        if member is not None:
            return IdKind.NUMBER if isinstance(member, int) else IdKind.TEXT
    for kept in kept_files(workspace.places.baselines):
        return kind_of_column(pq.read_schema(kept.path).field("member").type)
    return None


def kind_of_column(kind: pa.DataType) -> IdKind:
    """Give what the ids of a column are."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return IdKind.NUMBER if pa.types.is_integer(kind) else IdKind.TEXT


def member_named(workspace: Workspace, text: str) -> MemberId:
    """Give the member that somebody names.

    Raises:
        InputError: It is no whole number, and the ids of this workspace are (`facts/mixed-ids`), or empty.
    """
    if not text:
        raise InputError("the member’s id is empty, expected one", code="facts/member")
    return _number(text) if id_kind(workspace) is IdKind.NUMBER else text


def as_kind(columns: FactColumns, kind: IdKind | None) -> FactColumns:
    """Give facts with ids as a workspace has them; None has none yet and takes them as they are.

    Raises:
        InputError: An id is no whole number, and the workspace's are (`facts/mixed-ids`).
    """
    if kind is None or kind is kind_of_column(columns.ids.type) or not columns.members:
        return columns
    if kind is IdKind.TEXT:
        return replace(columns, ids=columns.ids.cast(pa.string()))
    numbers = [_number(text) for text in columns.ids.to_pylist()]
    return replace(columns, ids=pa.array(numbers, pa.int64()))


def _number(text: str) -> int:
    number = as_number(text)
    if number is None:
        raise InputError(
            f"member {quoted(text)} is text, and the members of this workspace have whole numbers as "
            "ids",
            code="facts/mixed-ids",
        )
    return number
