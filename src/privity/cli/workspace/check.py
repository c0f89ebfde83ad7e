# SPDX-License-Identifier: Apache-2.0
"""`privity workspace check`: what `privity ledger check` does, where whoever keeps releases looks for it."""

from __future__ import annotations

from typing import Final

from privity.cli.commands import Command
from privity.cli.ledger.check import command as check

command: Final = Command(
    "check",
    params=check.params,
    callback=check.callback,
    help=(check.help or "").replace("privity ledger check", "privity workspace check"),
)
