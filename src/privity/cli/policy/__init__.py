# SPDX-License-Identifier: Apache-2.0
"""`privity policy`: policy files, one module for each command (docs/policy.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "check": "Name what is wrong with policy files, or can never matter.",
    "diff": "Say what a new policy opens and closes, in every case there can be.",
    "publish": "Publish a version of a policy.",
    "schema": "Print the JSON Schema of policy files, for editors.",
    "show": "Say in plain language what a policy permits.",
    "test": "Run the cases that are written down beside a policy.",
}
"""Each command with the first line of its help; `privity.cli.policy.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Check, compare, test, show and publish policies.

    A policy file holds one version of a policy, as YAML 1.2 or JSON. A directory stands for its *.yaml,
    *.yml and *.json files.

    \b
    Example:
      privity policy check examples/small/policy.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
