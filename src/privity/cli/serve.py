# SPDX-License-Identifier: Apache-2.0
"""`privity serve`: serve a site with Privity's pages in it (docs/web.md)."""

from __future__ import annotations

import os
from typing import Final, Literal

import click

from privity.cli import options
from privity.cli.commands import Command
from privity.errors import PrivityError, UnavailableError

_LARGEST_PORT: Final = 65_535
_ALLOCATOR: Final = "ARROW_DEFAULT_MEMORY_POOL"


@click.command(cls=Command)
@click.option(
    "--settings",
    required=True,
    metavar="MODULE",
    envvar="DJANGO_SETTINGS_MODULE",
    help="The module of the site's settings, as Python names it; its `PRIVITY` says which workspace.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen at."
)
@click.option(
    "--port",
    type=click.IntRange(0, _LARGEST_PORT),
    default=8000,
    show_default=True,
    help="The port; 0 takes one that is free.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="How many requests are answered at once.",
)
@click.option(
    "--proxy",
    metavar="ADDRESS",
    help="The address of a proxy before it, which is believed about who asks and whether by HTTPS.",
)
@click.option(
    "--metrics",
    type=click.Choice(["loopback", "everybody", "nobody"]),
    default="loopback",
    show_default=True,
    help="Who may collect the figures at /metrics; loopback: this machine.",
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Look at the settings, say what a site that everybody reaches had better not have, and end.",
)
@options.json_output
def command(
    *,
    settings: str,
    host: str,
    port: int,
    threads: int,
    proxy: str | None,
    metrics: Literal["loopback", "everybody", "nobody"],
    only_check: bool,
    as_json: bool,
) -> None:
    """Serve a site with Privity's pages in it.

    One process answers requests and publishes what is recorded, until it is ended by Ctrl-C or SIGTERM. The reference platform is such a site; docs/web.md says how
    another becomes one.

    \b
    Example:
      privity serve --settings network.settings --check
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    # Before Arrow is loaded, which looks at it once: by its own allocator what a process of several threads holds rose for
    # minutes, by the C library's it stands still (docs/benchmarks.md).
    os.environ.setdefault(_ALLOCATOR, "system")
    try:
        from privity.web.serving import Served, check, serve  # noqa: PLC0415 - Django is an extra
    except ModuleNotFoundError as error:
        raise UnavailableError(
            f"pages are served by Django, and `{error.name}` is not installed",
            code="serve/no-django",
            hint="install it: pip install 'privity[web]'",
        ) from error

    if only_check:
        found = check(settings)
        options.show({"found": list(found)} if as_json else found or ["nothing was found"])
        return

    def began(served: Served) -> None:
        if as_json:
            options.show({"address": served.address})
        else:
            click.echo(f"{served.address}  (Ctrl-C ends it)")

    def troubled(error: PrivityError) -> None:
        click.echo(f"privity: not published: {error}", err=True)

    serve(
        settings,
        host=host,
        port=port,
        threads=threads,
        proxy=proxy,
        metrics=metrics,
        began=began,
        troubled=troubled,
    )
