# SPDX-License-Identifier: Apache-2.0
"""Model: what a run made (specs/entry.md, part 5; specs/release.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import check_sha256, check_short_name, keys_of, present, wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelEntry:
    """A model.

    Attributes:
        model: Its name, never used again.
        run: The run that made it.
        sha256: Of its file, in hexadecimal.
        base: The model that the run went on from, or None.
    """

    STREAM: ClassVar[str] = "model"

    model: str
    run: str
    sha256: str
    base: str | None = None

    def __post_init__(self) -> None:
        check_short_name("model", self.model)
        check_short_name("run", self.run)
        check_sha256("sha256", self.sha256)
        if self.base is not None:
            check_short_name("base", self.base)
            if self.base == self.model:
                raise wrong("base", self.base, "another model")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(model=self.model, run=self.run, sha256=self.sha256, base=self.base)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> ModelEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("model", "run", "sha256"), optional=("base",))
        return cls(**keys)
