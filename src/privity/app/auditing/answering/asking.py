# SPDX-License-Identifier: Apache-2.0
"""What an audit is asked, so that it can be asked again of a bundle (specs/audit.md, part 7).

A question is its files, its switches, and the files that came to light outside. Each kind is answered by
`privity.app.auditing.answering.answer_<kind>.answer`, whoever asks: the command, or who verifies a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from privity.audit.agreements import check_agreement
from privity.audit.evidence import Evidence
from privity.audit.report import Kind, Report

_ANSWERS: Final = "privity.app.auditing.answering.answer_"
_BY_AGREEMENT: Final = frozenset({"class", "statement"})

Told = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """A file that is no part of the evidence: a dump, or the platform's own records beside it.

    Attributes:
        role: What it is to the question, such as `disclosed`, `training` or `records`.
        name: Its name without folders.
        sha256: The SHA-256 of its bytes, in hexadecimal.
        size: How many they are.
        path: Where it lies here.
    """

    role: str
    name: str
    sha256: str
    size: int
    path: Path = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Everything that a report was made from, but for the evidence.

    Attributes:
        kind: Which question.
        options: Its switches, as plain values of canonical JSON.
        files: Its own files, by a name without folders: the question, a statement, policies. A bundle has them whole.
        outside: Files of which a bundle has the digests; in the order in which they are read.
    """

    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    outside: tuple[Outside, ...] = ()


class Answer(Protocol):
    """What answers one kind of question; raises what reading its files does."""

    def __call__(
        self, evidence: Evidence, inputs: Inputs, *, told: Told | None = None
    ) -> Report:
        """Answer it."""


def check_asked(evidence: Evidence, inputs: Inputs) -> None:
    """Check that what a question names is known to all of the evidence, of which a bundle has a part only.

    Raises:
        InputError: It names an agreement that nothing knows (`audit/unknown-agreement`).
    """
    if inputs.kind in _BY_AGREEMENT:
        asked = import_module(f"{_ANSWERS}{inputs.kind}")
        check_agreement(evidence, asked.agreement_of(inputs))


def answer(evidence: Evidence, inputs: Inputs, *, told: Told | None = None) -> Report:
    """Answer a question from evidence: the same for whoever asks it.

    Args:
        evidence: What was shown.
        inputs: The question.
        told: Is told how far it came.

    Raises:
        InputError: A file of the question cannot be read.
        VerificationError: The evidence does not hold.
        UnavailableError: A file cannot be read.
    """
    # By name, so that one question loads nothing of another.
    found: Answer = import_module(f"{_ANSWERS}{inputs.kind}").answer
    return found(evidence, inputs, told=told)
