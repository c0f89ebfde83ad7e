# SPDX-License-Identifier: Apache-2.0
"""`python -m privity` is `privity`."""

from __future__ import annotations

from privity.cli import run

run()
