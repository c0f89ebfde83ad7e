# SPDX-License-Identifier: Apache-2.0
"""Notice: what tells members of a use is published (specs/entry.md, part 5).

That it reached a member is a fact of the member's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.canonical.instants import Instant
from privity.entries.fields import (
    check_instant,
    check_name,
    check_names,
    check_sha256,
    check_url,
    keys_of,
    list_of,
    present,
    wrong,
)
from privity.policy.grammar import LANGUAGE
from privity.policy.model import Notice


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeEntry:
    """A notice.

    Attributes:
        id: Its name in policies and facts.
        effective_at: When what it says begins to hold.
        sha256: Of its text, in hexadecimal, or None.
        url: Where it can be read, or None.
        languages: In which it is written; none where it is not said.
    """

    STREAM: ClassVar[str] = "notice"

    id: str
    effective_at: Instant
    sha256: str | None = None
    url: str | None = None
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_name("id", self.id)
        check_instant("effective_at", self.effective_at)
        if self.sha256 is not None:
            check_sha256("sha256", self.sha256)
        if self.url is not None:
            check_url("url", self.url)
        check_names("languages", self.languages)
        for language in self.languages:
            if not LANGUAGE.fullmatch(language):
                raise wrong("languages", language, "a language such as `en` or `pt-BR`")

    @classmethod
    def of(cls, notice: Notice) -> NoticeEntry:
        """Make the entry of a notice that a policy describes.

        Raises:
            InputError: It has a value that an entry does not take.
        """
        return cls(
            id=notice.id,
            effective_at=notice.effective_at,
            sha256=notice.sha256,
            url=notice.url,
            languages=notice.languages,
        )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            id=self.id,
            effective_at=self.effective_at,
            sha256=self.sha256,
            url=self.url,
            languages=self.languages,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> NoticeEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload,
            required=("id", "effective_at"),
            optional=("sha256", "url", "languages"),
        )
        return cls(**{**keys, "languages": list_of(keys, "languages")})
