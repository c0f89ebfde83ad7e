# SPDX-License-Identifier: Apache-2.0
"""Ask a question about a class of evidence, and of files that came to light outside (specs/audit.md, part 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.app.auditing.answering.asking import Inputs, Outside, Told
from privity.app.auditing.answering.outside import RECORDS, came_to_light
from privity.app.auditing.answering.question_files import files_of
from privity.audit.class_count import MOST_ITEMS
from privity.audit.class_report import answer_class
from privity.audit.evidence import Evidence
from privity.audit.question import WHAT, parse_question
from privity.audit.report import Report
from privity.canonical.encode import digest_file
from privity.canonical.instants import Instant
from privity.errors import InputError, Where
from privity.sources.native import check_count

QUESTION: Final = "question"
BINDING: Final = "binding"
BINDINGS: Final = "bindings"


@dataclass(frozen=True, kw_only=True, slots=True)
class Particulars:
    """What is asked besides what the file of the question says; None leaves it as it is there, or to be found.

    Attributes:
        at: When what came to light would have been used.
        known: Up to when anything is believed for that.
        recipient: For whom.
        text: The column of text, in what came to light and in the records.
        id: The column of ids in what came to light.
        most: Of how many records the evidence is listed.
    """

    at: Instant | None = None
    known: Instant | None = None
    recipient: str | None = None
    text: str | None = None
    id: str | None = None
    most: int = MOST_ITEMS


def class_inputs(
    question: Path,
    *,
    disclosed: Sequence[Path] = (),
    training: Sequence[Path] = (),
    records: Sequence[Path] = (),
    bindings: Sequence[Path] = (),
    particulars: Particulars,
) -> Inputs:
    """Give what is asked about a class.

    Args:
        question: The file of the question.
        disclosed: Files that came to light, and had been disclosed to somebody.
        training: Files that came to light, and had been trained on.
        records: The platform's own records: files, and folders of them.
        bindings: What the records' columns mean: none, one for all of them, or one for each of `records`.
        particulars: What is asked besides.

    Raises:
        InputError: A file cannot be read, or is no question; or records are missing for what came to light; or there are
            as many bindings as neither (`binding/count`).
    """
    (text,) = files_of([question], WHAT).values()
    # What is wrong with it is said before a log is read, and where it lies.
    parse_question(text.decode(), file=str(question))
    if (disclosed or training) and not records:
        raise InputError(
            "what came to light has ids and texts, expected the platform's own records beside it",
            code="audit/records",
            hint="name them with `--records`",
        )
    paths = [question, *dict.fromkeys(bindings)]
    outside = (
        *_outside("disclosed", disclosed),
        *_outside("training", training),
        *_outside(RECORDS, records),
    )
    return Inputs(
        kind="class",
        options=_options(particulars, question, _bindings(records, bindings)),
        files=files_of(paths, WHAT),
        outside=outside,
    )


def _bindings(records: Sequence[Path], bindings: Sequence[Path]) -> dict[str, Any]:
    """Give what each file's columns mean, by names: of all, or of each file of the records in order."""
    if not bindings:
        return {}
    if len(bindings) == 1:
        return {BINDING: bindings[0].name}
    check_count(bindings, records)
    return {
        BINDINGS: [
            one.name
            for place, one in zip(records, bindings, strict=True)
            for _ in _files(place)
        ]
    }


def _options(
    particulars: Particulars, question: Path, bindings: Mapping[str, Any]
) -> dict[str, Any]:
    """Give what is asked besides as plain values; what is not said is left out."""
    found = {
        QUESTION: question.name,
        **bindings,
        "at": particulars.at,
        "known": particulars.known,
        "recipient": particulars.recipient,
        "text": particulars.text,
        "id": particulars.id,
        "most": particulars.most,
    }
    return {key: value for key, value in found.items() if value is not None}


def _outside(role: str, places: Iterable[Path]) -> Iterator[Outside]:
    for place in places:
        for path in _files(place):
            try:
                size, sha256 = path.stat().st_size, digest_file(path)
            except OSError as error:
                raise InputError(
                    f"cannot read the file: {error.strerror}",
                    code="records/unreadable",
                    where=Where(file=str(path)),
                ) from error
            yield Outside(role=role, name=path.name, sha256=sha256, size=size, path=path)


def _files(place: Path) -> list[Path]:
    """Give a file, or the files of a folder in the order of their names."""
    if not place.is_dir():
        return [place]
    return sorted(
        one
        for one in place.rglob("*")
        if one.is_file()
        and not any(part.startswith((".", "_")) for part in one.relative_to(place).parts)
    )


def answer(evidence: Evidence, inputs: Inputs, *, told: Told | None = None) -> Report:
    """Answer whether content of the class was used.

    Raises:
        InputError: The file is no question, or a file that came to light cannot be read.
        VerificationError: A file of a release is not the one that the log speaks of.
    """
    options = inputs.options
    name = str(options[QUESTION])
    asked = parse_question(inputs.files[name].decode(), file=name).asked_of(
        at=options.get("at"),
        known=options.get("known"),
        recipient=options.get("recipient"),
    )
    return answer_class(
        evidence,
        asked,
        outside=came_to_light(evidence.log, inputs, asked, told=told),
        most=int(options.get("most", MOST_ITEMS)),
        told=told,
    )


def agreement_of(inputs: Inputs) -> str | None:
    """Give the agreement that is asked about; raises as `answer`."""
    name = str(inputs.options[QUESTION])
    return parse_question(inputs.files[name].decode(), file=name).agreement
