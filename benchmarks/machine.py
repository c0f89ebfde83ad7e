# SPDX-License-Identifier: Apache-2.0
"""On what the figures were measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def described() -> dict[str, str | int]:
    """Name the processor, its cores, the memory, and the versions that matter."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo", "model name")),
        platform.machine(),
    )
    memory = next(int(line.split()[1]) >> 20 for line in _lines("/proc/meminfo", "MemTotal"))
    return {
        "processor": model,
        "cores": os.cpu_count() or 0,
        "memory_gib": memory,
        "python": platform.python_version(),
        "pyarrow": version("pyarrow"),
        "numpy": version("numpy"),
        "duckdb": version("duckdb"),
    }


def _lines(file: str, start: str) -> list[str]:
    text = Path(file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith(start)]
