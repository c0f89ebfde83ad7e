# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001, T201, TID251 - a script that stands for somebody else's: no package, prints JSON
"""Run the pipeline of the complaint over a made network, and count what it would have come to.

An allegation: see pipeline.sql. Nothing here knows privity, and privity does not know this.

    python run.py NETWORK AT DUMP

NETWORK is a folder made by `privity synth`, AT an instant such as 2024-09-17T00:00:00Z, DUMP the Parquet
file to write. Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

try:
    import duckdb
except ImportError:
    sys.exit("run.py: duckdb is not installed; install it with: pip install duckdb")

HERE = Path(__file__).resolve().parent


def main(network: Path, at: str, dump: Path) -> None:
    """Write the dump and print the claim."""
    if dump.exists():
        sys.exit(f"run.py: {dump} already exists")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET VARIABLE facts = ?", [str(network / "facts.parquet")])
        database.execute("SET VARIABLE records = ?", [str(network / "records" / "*.parquet")])
        database.execute("SET VARIABLE asked_at = ?::timestamptz", [at])
        database.execute((HERE / "pipeline.sql").read_text("utf-8"))
        target = str(dump).replace("'", "''")
        database.execute(f"COPY dump TO '{target}' (FORMAT parquet)")
        claim = database.execute((HERE / "claim.sql").read_text("utf-8"))
        names = [column[0] for column in claim.description]
        figures = dict(zip(names, claim.fetchone(), strict=True))
    print(json.dumps({"at": at, **figures}))


if __name__ == "__main__":
    if len(sys.argv) != 1 + len(("NETWORK", "AT", "DUMP")):
        sys.exit(f"usage: {Path(sys.argv[0]).name} NETWORK AT DUMP")
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
