# SPDX-License-Identifier: Apache-2.0
"""Read the public objects that the entries of a log name by their hash, and hold each to its name (specs/entry.md, part 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from privity.app.public_tree.ahead import objects_ahead
from privity.app.public_tree.opening import PublicTree
from privity.entries.whole import PublicObject
from privity.errors import VerificationError
from privity.ledger.ports import NotFoundError, Reader


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadObjects:
    """The objects of a log in which everything holds, counted by what they are.

    Attributes:
        here: Those that were read, each with the hash that an entry has of it.
        lacking: Those that the tree has not, and need not have.
    """

    here: Mapping[str, int]
    lacking: Mapping[str, int]


def read_objects(tree: PublicTree, objects: Collection[PublicObject]) -> ReadObjects:
    """Read what entries name, and compare it with its name.

    Raises:
        VerificationError: One that must be there is missing (`verify/missing`), or one is another (`verify/text`).
        UnavailableError: The tree cannot be read.
    """
    here, lacking = Counter[str](), Counter[str]()
    # The same text may be named by many entries.
    named: dict[str, list[PublicObject]] = {}
    for one in objects:
        named.setdefault(one.path, []).append(one)
    with _reader(tree, list(named)) as reader:
        for path, some in named.items():
            try:
                data = reader.read(path)
            except NotFoundError as error:
                for one in some:
                    if one.needed:
                        raise VerificationError(
                            f"entry {one.index} names the {one.noun} `{path}`, and {error.message}",
                            code="verify/missing",
                        ) from error
                    lacking[one.what] += 1
                continue
            seen = sha256(data).hexdigest()
            for one in some:
                if one.size not in {None, len(data)} or seen != one.sha256:  # [ENT-80]
                    raise VerificationError(
                        f"`{path}` is not the {one.noun} that entry {one.index} names",
                        code="verify/text",
                    )
                here[one.what] += 1
    return ReadObjects(here=dict(sorted(here.items())), lacking=dict(sorted(lacking.items())))


@contextmanager
def _reader(tree: PublicTree, paths: Collection[str]) -> Iterator[Reader]:
    if not tree.remote:
        yield tree.reader
        return
    with objects_ahead(tree.reader, paths) as reader:
        yield reader
