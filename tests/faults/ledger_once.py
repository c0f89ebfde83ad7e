# SPDX-License-Identifier: Apache-2.0
"""One short life of a writer and publisher, to be run where system calls fail.

`python -m tests.faults.ledger_once FOLDER` prints what it was acknowledged, and ends with the code of its error.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.ledgers import Place, put_all, release

from privity.errors import PrivityError


def main(folder: Path) -> int:
    """Append and publish, twice."""
    try:
        with Place(folder).opened() as log:
            for _ in range(2):
                first = log.store.head().size
                put_all(log, f"request {first}", first, 150)
                print(first, 150, flush=True)  # noqa: T201 - read by the test
                release(log)
    except PrivityError as error:
        print(f"{error.code}: {error}", file=sys.stderr)  # noqa: T201 - read by the test
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
