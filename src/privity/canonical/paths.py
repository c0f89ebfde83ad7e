# SPDX-License-Identifier: Apache-2.0
"""Paths as the libraries take them that read and write tables: in UTF-8, and never for the address of a store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from privity.errors import InputError, Where

# What stands before the first colon of a relative path is taken for the scheme of an address.
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)


def local(path: Path) -> Path:
    """Give a path as it is; where its beginning looks like the scheme of an address, from the root.

    Raises:
        InputError: Its bytes are no UTF-8 (`input/path`).
    """
    whole = path.absolute()
    try:
        str(whole).encode()
    except UnicodeEncodeError as error:
        shown = str(whole).encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise InputError(
            "the path has bytes that are no UTF-8, expected a name in UTF-8",
            code="input/path",
            hint="give the file, and the folders that it lies in, another name",
            where=Where(file=shown),
        ) from error
    return whole if _SCHEME.match(str(path)) else path
