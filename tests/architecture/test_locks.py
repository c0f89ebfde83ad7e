# SPDX-License-Identifier: Apache-2.0
"""What is installed is locked by hash, names no index, and is what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "runtime": ([], ["build"]),
    "demo": (["audit", "duckdb", "release", "web"], ["build"]),
    "dev": (["audit", "duckdb", "postgresql", "release", "web"], ["dev"]),
    "readers": ([], ["readers"]),
    "train": (["train"], []),
}
PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;\\]+)")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def group(groups: dict[str, list[Any]], name: str) -> list[str]:
    wanted: list[str] = []
    for line in groups[name]:
        wanted += [line] if isinstance(line, str) else group(groups, line["include-group"])
    return wanted


def asked_for(extras: list[str], groups: list[str]) -> list[Requirement]:
    declared = project()
    lines = list(declared["project"]["dependencies"])
    for extra in extras:
        lines += declared["project"]["optional-dependencies"][extra]
    for name in groups:
        lines += group(declared["dependency-groups"], name)
    return [Requirement(line) for line in lines]


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(name: str) -> None:
    pinned: dict[str, list[str]] = {}
    for line in lock(name).splitlines():
        if match := PIN.match(line):
            pinned.setdefault(canonicalize_name(match["name"]), []).append(match["version"])
    for wanted in asked_for(*LOCKS[name]):
        versions = pinned.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted} is missing: make lock"
        assert all(version in wanted.specifier for version in versions), f"{wanted}: make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock(name).strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_place(name: str) -> None:
    assert not re.search(r"^(?:-|--)\S|://|file:", lock(name), re.MULTILINE)
