# SPDX-License-Identifier: Apache-2.0
"""`python -m network demo`: open the network of `privity demo` (docs/demo.md)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from network import clock
from network.accounts.models import Account
from network.demo.opening import OPENED, open_demo
from network.demo.people import PASSWORD
from privity.errors import PrivityError
from privity.web import desk

OF: Final = Path("build/demo")
PORT: Final = 8000


class Command(BaseCommand):
    """Opens the network of the demo."""

    help = "Give members of the demo's network log-ins, and something to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be given."""
        parser.add_argument(
            "--of",
            type=Path,
            default=OF,
            help="the folder that `privity demo` made (default: %(default)s)",
        )
        parser.add_argument("--port", type=int, default=PORT, help="the port that is printed")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Open it, once."""
        made, asked = options["of"] / "network", options["of"] / "asked"
        if not asked.is_dir():
            message = f"`{options['of']}` has no ledger; `privity demo` makes one, without --gate-only"
            raise CommandError(message)
        if not settings.NETWORK_DATA.is_dir():
            message = f"`{settings.NETWORK_DATA}` is not there; NETWORK_DATA says where the network lies, and `make demo` where the demo's does"
            raise CommandError(message)
        call_command("migrate", interactive=False, verbosity=0)
        if Account.objects.exists():
            self.stdout.write("The network is open already.")
        else:
            self._open(made, asked / "who-said-no")
        serve = _serve(options["of"], options["port"])
        self.stdout.write(
            f"\n  {serve}    opens http://localhost:{options['port']}/ (password of all: {PASSWORD})"
        )

    def _open(self, made: Path, no: Path) -> None:
        clock.set_to(OPENED)
        accounts = open_demo(
            made, who_said_no=int(no.read_text("ascii")) if no.is_file() else None
        )
        try:
            desk.ask(
                lambda workspace: [
                    workspace.standings(one.member, purpose="genai-training")
                    for one in accounts
                ]
            )
        except PrivityError as error:
            raise CommandError(str(error)) from error
        finally:
            desk.close()
        where = sorted({one.country for one in accounts})
        self.stdout.write(
            f"{len(accounts)} members of the ledger have log-ins now, in {len(where)} countries: {', '.join(where)}."
        )
        self.stdout.write("They stand on the log-in page:")
        for one in accounts:
            self.stdout.write(f"  {one.email:<24} {one.country}  {one.headline}")


def _serve(of: Path, port: int) -> str:
    """Give the command that opens this network, wherever it was put."""
    where = "" if of == OF else f' DEMO_ARGUMENTS="--out {of}"'
    return f"make serve{where}{'' if port == PORT else f' PORT={port}'}"
