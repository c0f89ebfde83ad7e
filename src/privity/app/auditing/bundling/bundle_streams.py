# SPDX-License-Identifier: Apache-2.0
"""Look by the tags of releases for streams that were left out of a bundle (specs/audit.md, part 7).

A member who had a stream when a release was made has a tag there that its key makes. Where that key is not in the bundle,
her tag is not found, and what her entries say, a no perhaps, was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.auditing.opening.opening import OpenedEvidence
from privity.app.auditing.opening.rows import Revision
from privity.app.workspace.places import Places
from privity.audit.commitment import bare_tag
from privity.errors import VerificationError
from privity.members.facts import MemberId
from privity.vocabulary.terms import CATEGORIES

_COLUMNS: Final = ("category", "author", "recipients")
_PRIVATE: Final = "private-message"


def check_streams(places: Places, evidence: OpenedEvidence, without: Collection[str]) -> None:
    """Check that members of whom a bundle has no stream had none when releases with records of theirs were made ([AUD-170]).

    Args:
        places: Where the bundle keeps what.
        evidence: What was opened of it.
        without: The members that the answer rests on and that have no stream here, by the texts of their ids.

    Raises:
        VerificationError: One had a stream (`audit/bundle-lacks`).
    """
    if not without:
        return
    for name, revisions in evidence.held.items():
        folder = places.root / "releases" / name
        try:
            tags = {
                *pq.read_table(folder / "members" / "tags.parquet").column("tag").to_pylist()
            }
            secret = (folder / "salt.key").read_bytes()
        except (OSError, pa.ArrowException, KeyError, TypeError):
            continue  # a gap of the manifest, or refused already
        for revision in revisions:
            for member in _parties(revision):
                if str(member) in without and bare_tag(secret, member, name) not in tags:
                    raise VerificationError(
                        f"the bundle lacks the stream of a member of release `{name}`, and does not say so",
                        code="audit/bundle-lacks",
                    )


def _parties(revision: Revision) -> set[MemberId]:
    """Give who certainly has a say in some record of a revision, whatever a policy says of the audience of groups."""
    found: set[MemberId] = set()
    for rows in revision.read(_COLUMNS):
        found |= {*_values(rows.table.column("author"))}
        categories = rows.table.column("category").to_pylist()
        asked = [one in CATEGORIES and CATEGORIES.contains(_PRIVATE, one) for one in categories]
        private = rows.table.filter(pa.array(asked, pa.bool_()))
        for addressees in private.column("recipients").to_pylist():
            found |= {one for one in addressees or () if one is not None}
    return found


def _values(column: pa.ChunkedArray) -> Iterator[MemberId]:
    yield from (one for one in column.unique().to_pylist() if one is not None)
