# SPDX-License-Identifier: Apache-2.0
"""Enrolment: the first event of a member's stream, which says whose it is (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import check_member, keys_of, read_member, write_member
from privity.members.facts import MemberId


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolEntry:
    """The beginning of a member's stream. Two of one member, opened, show that somebody kept a second one.

    Attributes:
        member: Whose stream it is.
    """

    SCHEMA: ClassVar[str] = "privity/enrol/v1"

    member: MemberId

    def __post_init__(self) -> None:
        check_member(self.member)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return write_member(self.member)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> EnrolEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("member",), optional=("member_type",))
        return cls(member=read_member(keys))
