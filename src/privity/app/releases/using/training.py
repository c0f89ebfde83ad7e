# SPDX-License-Identifier: Apache-2.0
"""Train the demonstration on a release: what `privity train demo` does (docs/training.md).

(1) what a killed training left is ended, and what cannot be is refused, (2) the run is entered and its ticket opens the release, (3) the network learns batch by batch, and
the journal has each one, (4) the run's end and the model are entered, (5) the folder gets its name. A run that fails is entered
as aborted with what it consumed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.inputs import PathLike, When, instant
from privity.app.releases.state.register import register_of
from privity.app.releases.using.left_training import (
    CARD,
    JOURNAL,
    finish_left,
    give_name,
    working_beside,
)
from privity.app.releases.using.models import lineage_of
from privity.app.releases.using.opening import open_release
from privity.app.releases.using.running import end_run, start_run
from privity.app.releases.using.trained import TrainedModel
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.encode import digest, encode_pretty
from privity.entries.fields import check_short_name
from privity.errors import ConflictError, InputError, VerificationError, Where
from privity.release.aside import settle
from privity.release.decided import COLUMNS
from privity.release.opened import OpenRelease, read_release
from privity.store.files import unreachable
from privity.train import dataset
from privity.train.batches import Batch, Consumed
from privity.train.card import model_card
from privity.train.loss_plot import loss_svg
from privity.train.settings import Settings, code_sha256
from privity.train.source import source_of
from privity.train.stream import Stream

WEIGHTS: Final = "model.safetensors"
DESCRIBED: Final = "model.json"
PICTURE: Final = "loss.svg"
TICKET: Final = "ticket.json"
FORMAT: Final = "privity-model/1"
_LATER: Final = frozenset({"folder", "entry"})

Progress = Callable[[float | None], None]
"""Told the loss of each step; None where its batch had no text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A model to go on from.

    Attributes:
        model: Its name in the log.
        weights: Its file.
    """

    model: str
    weights: bytes


def train_demo(
    workspace: PathLike,
    release: PathLike,
    *,
    model: str,
    out: PathLike,
    settings: Settings | None = None,
    base: PathLike | None = None,
    now: When | None = None,
    progress: Progress = lambda _: None,
) -> TrainedModel:
    """Train a small model on a release, with a run that the log has.

    Args:
        workspace: The workspace that the release is of.
        release: The folder of the release, as it was handed over or in the workspace.
        model: The name of the new model.
        out: The folder to make; it must not exist.
        settings: How; None takes every column of text that no decision rests on.
        base: The folder of a model to go on from, which this made earlier; None begins anew.
        now: The instant of the entries, where the workspace's clock is simulated.
        progress: Told the loss of each step.

    Raises:
        InputError: Something cannot be read or named so, or no record has text.
        ConflictError: The folder or the name is taken, or the release may not be used.
        VerificationError: The release or the base is not what the log says.
        UnavailableError: torch is not installed, or the disk is full or fails.
    """
    learning = _learning()
    root, folder, made = Path(workspace), Path(release), Path(out)
    described = read_release(folder).described
    when = None if now is None else instant(now)
    finish_left(root, made, now=when)
    gone_on = _check(root, model, made, base)
    how = _settings(folder, settings, gone_on)
    started = start_run(
        root,
        described.name,
        recipient=described.created.recipient,
        code=code_sha256(),
        config=how.sha256,
        base=None if gone_on is None else gone_on.model,
        now=when,
    )
    with working_beside(made, started.name) as aside:
        with _ending(root, started.name, aside, when) as consumed:
            _write(aside / TICKET, started.envelope)
            opened = open_release(folder, ticket=started.envelope, now=when)
            reading = _Reading(stream=_stream(opened, how), consumed=consumed)
            learnt = learning.learn(
                reading.batches(how.steps),
                how,
                base=None if gone_on is None else gone_on.weights,
                progress=progress,
            )
            learning.check_text(learnt.losses)
            trained = TrainedModel(
                model=model,
                out=made,
                sha256=digest(learnt.weights),
                run=started.name,
                release=opened.name,
                revision=opened.revision,
                entry=-1,
                batches=consumed.batches,
                batches_root=consumed.root,
                records=reading.records,
                parameters=learnt.parameters,
                learnt=learnt.learnt,
                losses=learnt.losses,
            )
            _put(aside, trained, how, gone_on, learnt.weights)
            recorded = _enter(root, trained, aside, when)
        with open_workspace(root) as kept:
            words = _words(trained, how)
            card = model_card(lineage_of(kept, model), training=words)
        _write(aside / CARD, card.encode())
        give_name(aside, made)
    return replace(trained, entry=recorded.first)


@dataclass(slots=True)
class _Reading:
    """A stream that is consumed, and how many records it gave."""

    stream: Stream
    consumed: Consumed
    records: int = 0

    def batches(self, count: int) -> Iterator[Batch]:
        for batch in self.consumed.following(self.stream.read(stop=count)):
            self.records += batch.line.records
            yield batch


def _learning() -> Any:
    """Load what learns, which needs torch."""
    try:
        from privity.train import learning  # noqa: PLC0415 - torch is loaded when it is used
    except ImportError as error:
        raise dataset.no_torch() from error
    return learning


def _check(root: Path, model: str, out: Path, base: PathLike | None) -> Base | None:
    """Check what can be checked before a run is entered, and read the base."""
    check_short_name("model", model)
    if out.exists():
        raise ConflictError(
            f"`{out}` exists, expected a new folder",
            code="train/exists",
            hint="name another folder with --out",
        )
    with open_workspace(root) as opened:
        register = register_of(opened)
        if model in register.models:
            raise ConflictError(
                f"there is a model `{model}` already",
                code="release/model-there",
                hint="choose another name: none is used twice",
            )
        if base is None:
            return None
        folder = Path(base)
        try:
            weights = (folder / WEIGHTS).read_bytes()
        except OSError as error:
            raise InputError(
                f"it cannot be read: {error.strerror}",
                code="train/base",
                hint="name a folder that `privity train demo` made",
                where=Where(file=str(folder / WEIGHTS)),
            ) from error
        found = digest(weights)
        named = [one for one in register.models.values() if one.entry.says.sha256 == found]
    if not named:
        raise VerificationError(
            f"no entry of the log names a model with SHA-256 {found}",
            code="train/base-unknown",
            hint="go on from a model whose making the log has",
            where=Where(file=str(folder / WEIGHTS)),
        )
    # The same weights may have several names; of these the lineage of the first is as true as any.
    return Base(model=min(named, key=lambda one: one.entry.index).name, weights=weights)


def _settings(folder: Path, settings: Settings | None, base: Base | None) -> Settings:
    found = settings or Settings(columns=text_columns(folder))
    return replace(found, base=None if base is None else digest(base.weights))


def text_columns(folder: Path) -> tuple[str, ...]:
    """Give the columns of a release that are text, and that no decision rests on, in their order.

    Raises:
        InputError: There is none (`train/no-text`).
        VerificationError: The release is none.
    """
    read = read_release(folder)
    if not read.manifest.lines:
        return ()
    schema = pq.read_schema(read.folder.table / read.manifest.lines[0].path)
    found = tuple(
        field.name
        for field in schema
        if field.name not in COLUMNS and pa.types.is_string(field.type)
    )
    if not found:
        raise InputError(
            f"release `{read.described.name}` has no column of text besides those that decisions rest on",
            code="train/no-text",
            hint="name one with --column",
        )
    return found


def _stream(opened: OpenRelease, settings: Settings) -> Stream:
    """Read as often as it takes to have a batch for each step."""
    first = max(1, source_of(opened).first_rows)
    each = -(-first // settings.batch_size)
    return dataset.stream(
        opened,
        columns=settings.columns,
        batch_size=settings.batch_size,
        epochs=-(-settings.steps // each),
    )


@contextmanager
def _ending(root: Path, run: str, aside: Path, now: int | None) -> Iterator[Consumed]:
    """Write the journal of a run; if it fails, enter that, keep the journal, and leave nothing else behind."""
    consumed = Consumed(aside / JOURNAL)
    try:
        with consumed:
            yield consumed
    except BaseException:
        with open_workspace(root) as opened:
            ended = register_of(opened).run(run).end is not None
        if not ended:
            end_run(root, run, how="aborted", journal=aside / JOURNAL, now=now)
            shutil.rmtree(aside, ignore_errors=True)
        # Else the log has the model: its folder gets its name the next time.
        raise


def _put(
    aside: Path, trained: TrainedModel, settings: Settings, base: Base | None, weights: bytes
) -> None:
    """Write what the run made, aside."""
    said = {key: value for key, value in trained.mapping().items() if key not in _LATER}
    described = {
        "format": FORMAT,
        **said,
        "base": None if base is None else base.model,
        "settings": settings.to_json(),
        "losses": [None if loss is None else round(loss, 4) for loss in trained.losses],
    }
    title = f"{trained.model}: loss of each step"
    _write(aside / WEIGHTS, weights)
    _write(aside / DESCRIBED, encode_pretty(described).encode())
    _write(aside / PICTURE, loss_svg(trained.losses, title=title).encode())


def _enter(root: Path, trained: TrainedModel, aside: Path, now: int | None) -> Recorded:
    """Enter the run's end with the model: from now on it is there."""
    return end_run(
        root,
        trained.run,
        how="completed",
        journal=aside / JOURNAL,
        checkpoints=[trained.sha256],
        models={trained.model: trained.sha256},
        now=now,
    )


def _words(trained: TrainedModel, settings: Settings) -> dict[str, str]:
    return {
        "what": "a transformer over bytes, to show that the release can be learnt; good for nothing else",
        "parameters": f"{trained.parameters:,}",
        "columns": ", ".join(settings.columns),
        "steps": f"{settings.steps:,} of {settings.batch_size} records on the mean, the first "
        f"{settings.context} bytes of each",
        "records": f"{trained.records:,}",
        "bytes learnt": f"{trained.learnt:,}",
        "loss": f"{trained.first_loss:.3f} nats a byte in the first tenth of the steps, "
        f"{trained.last_loss:.3f} in the last",
        "seed": f"{settings.seed}",
    }


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
        settle(path)
    except OSError as error:
        raise unreachable(path, error) from error
