# SPDX-License-Identifier: Apache-2.0
"""The keys of a policy file, named once for the reader and for the JSON Schema (specs/policy.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, get_args

from privity.policy.model import Answer


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of mapping: those that must stand there, and those that may."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every key that may stand there."""
        return self.required + self.optional


POLICY: Final = Keys(
    required=("policy", "version", "controller", "effective_at"),
    # Required where there is no ledger; the reader sees to it.
    optional=(
        "published_at",
        "groups",
        "settings",
        "notices",
        "agreements",
        "forbid",
        "obligations",
        "parties",
        "copies",
    ),
)
SCOPE: Final = Keys(optional=("purposes", "categories", "recipients"))
SETTING: Final = Keys(
    required=("label", "purposes", "categories", "recipients", "live_from"),
    optional=(
        "exempt",
        "default",
        "explicit_only",
        "notice",
        "objection_window",
        "minimum_age",
        "age_proof",
    ),
)
DEFAULT_LINE: Final = Keys(required=("value",), optional=("in",))
NOTICE: Final = Keys(required=("effective_at",), optional=("url", "sha256", "languages"))
AGREEMENT: Final = Keys(required=("promises",))
PROMISE: Final = Keys(required=("id", "forbid"))
FORBID: Final = Keys(required=("id",), optional=SCOPE.optional)
OBLIGATION: Final = Keys(required=("do",), optional=SCOPE.optional)
PARTIES: Final = Keys(optional=("group-message",))
COPIES: Final = Keys(required=("private-message",), optional=("passages",))

AUDIENCES: Final = ("author", "all")
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
DEFAULT_VALUES: Final = ("on", "off")
AGE_PROOFS: Final = ("required",)

YOUNGEST: Final = 1
OLDEST: Final = 150
LONGEST_WINDOW: Final = 36_500 * 86_400
LONGEST_NAME: Final = 200

WHOLE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
NAME: Final = re.compile(r"\S(?:.*\S)?")
SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
URL: Final = re.compile(r"https?://[^\s]+", re.ASCII)
# What YAML 1.1 readers take for a date or a number: a version's name must be in quotes.
LOOKS_DATED: Final = re.compile(r"[0-9][-0-9T:.Z+ _]*", re.ASCII)
