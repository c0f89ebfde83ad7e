# SPDX-License-Identifier: Apache-2.0
"""Agreement: the text of a contract with members is fixed, and which promises it makes (specs/entry.md, part 5).

What a promise forbids is said by the policy's versions, under the agreement's id and the promise's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import (
    check_name,
    check_names,
    check_sha256,
    check_url,
    keys_of,
    list_of,
    present,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementEntry:
    """A contract's text.

    Attributes:
        id: Its name in policies and facts.
        sha256: Of its text, in hexadecimal.
        policy: The policy whose versions describe it.
        promises: The names of its promises there.
        url: Where it can be read, or None.
    """

    STREAM: ClassVar[str] = "agreement"

    id: str
    sha256: str
    policy: str
    promises: tuple[str, ...] = ()
    url: str | None = None

    def __post_init__(self) -> None:
        check_name("id", self.id)
        check_sha256("sha256", self.sha256)
        check_name("policy", self.policy)
        check_names("promises", self.promises)
        if self.url is not None:
            check_url("url", self.url)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            id=self.id,
            sha256=self.sha256,
            policy=self.policy,
            promises=self.promises,
            url=self.url,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> AgreementEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload, required=("id", "sha256", "policy"), optional=("promises", "url")
        )
        return cls(**{**keys, "promises": list_of(keys, "promises")})
