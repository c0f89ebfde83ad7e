# SPDX-License-Identifier: Apache-2.0
"""The policy of specs/policy.md, and ways to change one thing in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from privity.policy.check import Report, check_readings
from privity.policy.model import Version
from privity.policy.nodes import read_value
from privity.policy.parse import version_from
from privity.policy.reading import read_version

Mapping = dict[str, Any]
Edit = Callable[..., Mapping]

GONE = object()


@pytest.fixture(scope="session")
def spec_text(repository: Path) -> str:
    """The example of specs/policy.md."""
    page = (repository / "specs" / "policy.md").read_text(encoding="utf-8")
    match = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert match is not None
    return match[1]


@pytest.fixture(scope="session")
def plain(spec_text: str) -> Mapping:
    """The example as a plain mapping, read by YAML alone."""
    loaded: Mapping = YAML(typ="safe", pure=True).load(
        re.sub(r"(\d{4}-\d\d-\d\dT[\d:]+Z)", r'"\1"', spec_text)
    )
    return loaded


@pytest.fixture
def gone() -> object:
    """The value that takes a key away."""
    return GONE


@pytest.fixture
def edited(plain: Mapping) -> Edit:
    """The example with values changed by their paths, as `edited({"settings.x.label": "y"})`.

    A path's parts are keys and numbers; `+` adds to a list.
    """

    def edit(changes: Mapping | None = None) -> Mapping:
        made = deepcopy(plain)
        for path, value in (changes or {}).items():
            *parents, last = path.split("/")
            holder: Any = made
            for part in parents:
                holder = holder[int(part) if isinstance(holder, list) else part]
            if value is GONE:
                del holder[int(last) if isinstance(holder, list) else last]
            elif last == "+":
                holder.append(value)
            else:
                holder[int(last) if isinstance(holder, list) else last] = value
        return made

    return edit


@pytest.fixture
def version(edited: Edit) -> Callable[..., Version]:
    """The version of the example with values changed."""
    return lambda changes=None: version_from(edited(changes), file="policy.yaml")


@pytest.fixture
def report(edited: Edit) -> Callable[..., Report]:
    """What a check says of one version for each mapping of changes."""

    def check(*all_changes: Mapping) -> Report:
        return check_readings(
            [
                read_version(read_value(edited(changes), file=f"{index}"), file=f"{index}.yaml")
                for index, changes in enumerate(all_changes)
            ]
        )

    return check
