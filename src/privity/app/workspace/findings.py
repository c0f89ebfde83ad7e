# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a workspace, taken down as it is found: a check goes on with the next (checking.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.errors import PrivityError, VerificationError
from privity.store.files import unreachable

REPAIR: Final = "run `privity ledger repair DIR`"
PUT_BACK: Final = "put back the vault's backup"


@dataclass(kw_only=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        root: The workspace, which is named where the system does not say what it failed at.
        problems: What is wrong, in the order in which it was found, each once.
    """

    root: Path
    problems: list[PrivityError] = field(default_factory=list)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Take down what cannot be looked at, in place of ending with it."""
        try:
            yield
        except PrivityError as error:
            self.tell(error)
        except OSError as error:
            self.tell(unreachable(Path(error.filename or self.root), error))

    def tell(self, error: PrivityError) -> None:
        """Take this down, unless it is there."""
        seen = {(one.code, one.message) for one in self.problems}
        if (error.code, error.message) not in seen:
            self.problems.append(error)

    def wrong(self, message: str, *, code: str = "workspace/vault", hint: str = REPAIR) -> None:
        """Take down what does not hold."""
        self.tell(VerificationError(message, code=code, hint=hint))
