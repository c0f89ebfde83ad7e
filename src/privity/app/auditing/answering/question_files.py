# SPDX-License-Identifier: Apache-2.0
"""The files that a question is made of: read once, kept by their names, read again from a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from privity.app.auditing.answering.asking import Inputs
from privity.errors import InputError, Where
from privity.policy.parse import read_file


def files_of(paths: Iterable[Path], what: str) -> Mapping[str, bytes]:
    """Read files, by their names without folders.

    Args:
        paths: The files.
        what: What each is called in messages.

    Raises:
        InputError: One cannot be read, is above 1 MiB or no UTF-8, or two have one name.
    """
    found: dict[str, bytes] = {}
    for path in paths:
        text = read_file(path, what)
        if path.name in found:
            raise InputError(
                f"two files are called `{path.name}`, expected different names: a bundle has them side by side",
                code="audit/same-name",
                where=Where(file=str(path)),
            )
        found[path.name] = text.encode()
    return found


def only_file(inputs: Inputs, what: str) -> tuple[str, str]:
    """Give the name and the text of the one file that a question has.

    Raises:
        InputError: There are none, or several.
    """
    if len(inputs.files) != 1:
        raise InputError(
            f"the question has {len(inputs.files)} files, expected one {what}",
            code="audit/inputs",
        )
    ((name, data),) = inputs.files.items()
    return name, data.decode()
