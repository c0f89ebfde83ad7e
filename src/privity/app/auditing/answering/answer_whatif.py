# SPDX-License-Identifier: Apache-2.0
"""Ask of evidence what another rule or date would have changed (specs/audit.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from privity.app.auditing.answering.answer_class import QUESTION
from privity.app.auditing.answering.asking import Inputs, Told
from privity.app.auditing.answering.outside import came_to_light
from privity.app.auditing.answering.question_files import files_of
from privity.audit.changes import Changes
from privity.audit.evidence import Evidence
from privity.audit.question import parse_question
from privity.audit.report import Report
from privity.audit.whatif_answer import answer_whatif
from privity.canonical.instants import Instant
from privity.errors import InputError, Where
from privity.policy.parse import parse_policy, policy_files
from privity.policy.versions import history
from privity.vocabulary.places import GROUPS, is_code, unknown_place

POLICIES: Final = "policies"


@dataclass(frozen=True, kw_only=True, slots=True)
class Otherwise:
    """What is asked to have been otherwise.

    Attributes:
        policies: Files and folders of versions in place of those of the log.
        notices: Notices, each with the instant at which it would have reached everybody.
        exempt: Places that would have been exempt.
        at: The instant of every use in place of its own, or None.
    """

    policies: Sequence[Path] = ()
    notices: Sequence[tuple[str, Instant]] = ()
    exempt: Sequence[str] = ()
    at: Instant | None = None


def whatif_inputs(otherwise: Otherwise, asked: Inputs | None = None) -> Inputs:
    """Give what is asked.

    Args:
        otherwise: What would have been otherwise.
        asked: The question about a class and what came to light, or None for everything that was used.

    Raises:
        InputError: A file cannot be read, or is no policy; a place is none, or nothing would have been otherwise.
    """
    for place in otherwise.exempt:
        if place not in GROUPS and not is_code(place):
            raise unknown_place(place)
    base = Inputs(kind="class") if asked is None else asked
    files = dict(base.files)
    texts = files_of(policy_files(otherwise.policies), "policy") if otherwise.policies else {}
    for name in texts.keys() & files.keys():
        raise InputError(
            f"a policy and the question are both called `{name}`, expected different names",
            code="audit/same-name",
            where=Where(file=name),
        )
    inputs = Inputs(
        kind="whatif",
        options={
            **base.options,
            POLICIES: list(texts),
            "notices": [list(one) for one in otherwise.notices],
            "exempt": list(otherwise.exempt),
            "otherwise_at": otherwise.at,
        },
        files={**files, **texts},
        outside=base.outside,
    )
    # What is wrong with it is said before a log is read.
    _changes(inputs.options, inputs.files)
    return inputs


def answer(evidence: Evidence, inputs: Inputs, *, told: Told | None = None) -> Report:
    """Answer what would have been otherwise.

    Raises:
        InputError: A file is no question or no policy, or what came to light cannot be read.
        VerificationError: A file of a release is not the one that the log speaks of.
    """
    changes = _changes(inputs.options, inputs.files)
    name = inputs.options.get(QUESTION)
    if name is None:
        return answer_whatif(evidence, changes, told=told)
    question = parse_question(inputs.files[name].decode(), file=str(name)).asked_of(
        at=inputs.options.get("at"),
        known=inputs.options.get("known"),
        recipient=inputs.options.get("recipient"),
    )
    return answer_whatif(
        evidence,
        changes,
        question=question,
        outside=came_to_light(evidence.log, inputs, question, told=told),
        told=told,
    )


def _changes(options: Mapping[str, Any], files: Mapping[str, bytes]) -> Changes:
    versions = history(
        parse_policy(files[name].decode(), file=str(name)) for name in options[POLICIES]
    )
    return Changes(
        versions=tuple(replace(one, source="") for one in versions.versions),
        notices=tuple((str(name), int(at)) for name, at in options["notices"]),
        exempt=tuple(options["exempt"]),
        at=options["otherwise_at"],
    )
