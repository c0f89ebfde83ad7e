# SPDX-License-Identifier: Apache-2.0
"""What a question about a class of people is asked with, whichever command asks it (docs/audit.md)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from privity.app.auditing.answering.answer_class import Particulars, class_inputs
from privity.app.auditing.answering.asking import Inputs
from privity.audit.class_count import MOST_ITEMS
from privity.canonical.instants import Instant
from privity.cli import options


@dataclass(frozen=True, kw_only=True, slots=True)
class CameToLight:
    """What was chosen with the options about what came to light outside.

    Attributes:
        disclosed: Files that had been disclosed to somebody.
        training: Files that had been trained on.
        records: The platform's own records.
        bindings: What their columns mean: none, one for all of them, or one for each.
        text: The column of text, or None.
        ids: The column of ids, or None.
        known: Up to when anything is believed for its use, or None.
        recipient: For whom it was used, or None.
    """

    disclosed: tuple[Path, ...]
    training: tuple[Path, ...]
    records: tuple[Path, ...]
    bindings: tuple[Path, ...]
    text: str | None
    ids: str | None
    known: Instant | None
    recipient: str | None

    @property
    def named(self) -> bool:
        """Whether any file was."""
        return bool(self.disclosed or self.training or self.records)


def came_to_light(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options about what came to light; it is called with them as `light`."""

    @click.option(
        "--disclosed",
        type=options.FILE,
        multiple=True,
        metavar="FILE_OR_DIR",
        help="What came to light and had been disclosed to somebody: Parquet, JSON lines or CSV; may be given several times.",
    )
    @click.option(
        "--training",
        type=options.FILE,
        multiple=True,
        metavar="FILE_OR_DIR",
        help="What came to light and had been trained on, likewise.",
    )
    @options.some_records
    @options.bindings
    @click.option(
        "--text",
        metavar="COLUMN",
        help="The column of text in what came to light, and in the records.  [default: `body`, `text`, `content` or `message`]",
    )
    @click.option(
        "--id",
        "ids",
        metavar="COLUMN",
        help="The column of ids in what came to light.  [default: `record_id` or `id`]",
    )
    @click.option(
        "--known",
        type=options.INSTANT,
        help="Believe nothing for its use that was recorded later.  [default: the instant of its use]",
    )
    @click.option(
        "--recipient",
        metavar="ID",
        help="For whom it was used, by the register.  [default: whoever has a role of FILE]",
    )
    @functools.wraps(command)
    def with_light(
        *,
        disclosed: tuple[Path, ...],
        training: tuple[Path, ...],
        records: tuple[Path, ...],
        bindings: tuple[Path, ...],
        text: str | None,
        ids: str | None,
        known: Instant | None,
        recipient: str | None,
        **others: Any,
    ) -> None:
        light = CameToLight(
            disclosed=disclosed,
            training=training,
            records=records,
            bindings=bindings,
            text=text,
            ids=ids,
            known=known,
            recipient=recipient,
        )
        command(light=light, **others)

    return with_light


def inputs_of(
    file: Path, light: CameToLight, *, at: Instant | None, most: int = MOST_ITEMS
) -> Inputs:
    """Give what is asked about a class.

    Args:
        file: The question.
        light: What came to light.
        at: When that was used; None leaves it as the question says.
        most: Of how many records the evidence is listed.

    Raises:
        InputError: A file cannot be read, or is no question; or records are missing for what came to light.
    """
    return class_inputs(
        file,
        disclosed=light.disclosed,
        training=light.training,
        records=light.records,
        bindings=light.bindings,
        particulars=Particulars(
            at=at,
            known=light.known,
            recipient=light.recipient,
            text=light.text,
            id=light.ids,
            most=most,
        ),
    )
