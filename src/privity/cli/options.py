# SPDX-License-Identifier: Apache-2.0
"""The options that several commands share: one word, one meaning, one help text each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant, parse_instant
from privity.canonical.paths import local
from privity.config.apart import check_apart
from privity.errors import InputError
from privity.policy.findings import Finding
from privity.release.job import MOST_THREADS
from privity.vocabulary.terms import PURPOSES, unknown


class FileParameter(click.Path):
    """A path; whether it can be read is said by whoever reads it."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Read the path."""
        return local(Path(str(super().convert(value, param, ctx))))


class MadeParameter(FileParameter):
    """A file or a folder that is to be made; it lies outside of every workspace."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Read the path and look where it leads."""
        path = super().convert(value, param, ctx)
        if str(value) == "-":
            # Elsewhere it is the standard output; here a file of that name would be made.
            self.fail(
                "`-` is no place here, expected a name; `./-` is a file of that name",
                param,
                ctx,
            )
        check_apart(path)
        return path


class ReleaseParameter(click.types.StringParamType):
    """The name of a release; a shell completes those that lie in the workspace that was named before."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Give the names that begin like this."""
        workspace = ctx.params.get("workspace") or ctx.params.get("place")
        if not isinstance(workspace, str | Path):
            return []
        typed = ctx.params.get(param.name or "") or ()
        try:
            names = [one.name for one in Path(workspace, "releases").iterdir()]
        except OSError:
            # Where nothing can be read there is nothing to complete; the command says why.
            return []
        return [
            CompletionItem(name)
            for name in sorted(names)
            if name.startswith(incomplete) and name[:1] != "." and name not in typed
        ]


FILE: Final = FileParameter()
RELEASE: Final = ReleaseParameter()
MADE: Final = MadeParameter()


class InstantParameter(click.ParamType[Instant]):
    """An instant such as `2024-09-18T00:00:00Z`."""

    name = "instant"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Name it in help."""
        del param, ctx
        return "INSTANT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Instant:
        """Read an instant."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(str(value))
        except InputError as error:
            self.fail(error.message, param, ctx)


INSTANT: Final = InstantParameter()

policy = click.option(
    "--policy",
    "policies",
    type=FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="A policy version, or a folder of them; may be given several times.",
)
policy_paths = click.argument(
    "paths", metavar="FILE_OR_DIR...", nargs=-1, required=True, type=FILE
)
facts = click.option(
    "--facts",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="What is known of members: CSV, JSON lines, Parquet or Arrow; may be given several times.",
)
records = click.option(
    "--records",
    type=FILE,
    multiple=True,
    required=True,
    metavar="FILE_OR_DIR",
    help="Records: Parquet, JSON lines or CSV; may be given several times.",
)
some_records = click.option(
    "--records",
    type=FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="Records: Parquet, JSON lines or CSV; may be given several times.",
)
bindings = click.option(
    "--binding",
    "bindings",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="What the columns of the records mean, where they have other names (TOML); given several times, each is of the "
    "records at its place.",
)


def _known_purpose(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Say that a purpose is unknown: that refuses everything, which is an answer, and seldom what was meant."""
    del context, parameter
    if value not in PURPOSES:
        refused_all(unknown("purpose", value, PURPOSES).message)
    return value


def refused_all(why: str | None) -> None:
    """Warn that everything is refused because of what was typed; None: it is not."""
    if why is not None:
        click.echo(f"warning: {why}; everything is refused", err=True)


purpose = click.option(
    "--purpose",
    required=True,
    metavar="TERM",
    callback=_known_purpose,
    help="What for, such as `genai-training`.",
)
recipient = click.option(
    "--recipient", required=True, metavar="ID", help="Who would get the data, by the register."
)
at = click.option(
    "--at",
    type=INSTANT,
    help="When the data would be used.  [default with --workspace: now]",
)
known = click.option(
    "--known",
    type=INSTANT,
    help="Believe nothing that was recorded later.  [default: the instant of --at]",
)
threads = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    default=2,
    show_default=True,
    help="How many parts are read at once.",
)
workspace = click.option(
    "--workspace",
    type=FILE,
    required=True,
    metavar="DIR",
    help="The workspace, a folder that `privity init` made.",
)
some_at = click.option(
    "--at",
    type=INSTANT,
    help="Since when it is true.  [default: the instant of its entry]",
)
as_of = click.option("--at", type=INSTANT, help="As it is then.  [default: now]")
now = click.option(
    "--now",
    type=INSTANT,
    help="The instant to record at, where the workspace's clock is simulated.  [default: that of its "
    "newest entry]",
)
asked_now = click.option(
    "--now",
    type=INSTANT,
    help="The instant to ask at, where the workspace's clock is simulated.  [default: that of its newest "
    "entry]",
)
request_name = click.option(
    "--request",
    "request_name",
    metavar="NAME",
    help="A name of your own for this: repeated under it, nothing is recorded twice.",
)
pseudonym_key = click.option(
    "--pseudonym-key",
    type=FILE,
    metavar="FILE",
    help="At least 32 secret bytes, where ids must be pseudonymised; made if it does not exist.",
)
text = click.option(
    "--text",
    multiple=True,
    metavar="COLUMN",
    help="A column of text: quotations are cut from it, copies are looked for in it; may be given several times.",
)
vkeys = click.option(
    "--vkey",
    "vkeys",
    multiple=True,
    required=True,
    metavar="TEXT_OR_FILE",
    help="The log's key, or a file of keys, one a line; may be given several times.",
)
some_vkeys = click.option(
    "--vkey",
    "vkeys",
    multiple=True,
    metavar="TEXT_OR_FILE",
    help="The log's key, or a file of keys, one a line; may be given several times.",
)
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
sure = click.option("--yes", "sure", is_flag=True, help="Do not ask.")
json_output = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def tell(note: Finding) -> None:
    """Say on standard error what is worth knowing of a policy that is read."""
    click.echo(str(note), err=True)


def show(what: Mapping[str, Any] | Sequence[str]) -> None:
    """Print plain values as JSON, or lines as they are."""
    if isinstance(what, Mapping):
        click.echo(encode_pretty(what), nl=False)
    else:
        click.echo("\n".join(what))


def like(text: str, ids: Iterable[str | int]) -> str | int:
    """Give an id as it stands among ids, which may be numbers; else the text itself."""
    return next((one for one in ids if str(one) == text), text)
