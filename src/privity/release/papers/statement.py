# SPDX-License-Identifier: Apache-2.0
"""The statement: what went in and what came out, as in-toto has it ([REL-52]).

Its payload is a Statement v1, whose products are the files of the table and what lies beside them. It names inputs by
their digests, since their names are the operator's, and says no number that the log does not say to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privity.canonical.instants import format_instant
from privity.entries.fields import in_base64
from privity.release.described import Described
from privity.release.papers.making import Making

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:privity:clearing:v1"


def statement(
    making: Making, described: Described, products: Mapping[str, str]
) -> dict[str, Any]:
    """Give the payload.

    Args:
        making: How the release was made.
        described: What the log says of it.
        products: The SHA-256 of each file that it speaks of, in hexadecimal, by its path in the folder.
    """
    created, content = described.created, described.content
    found: dict[str, Any] = {
        "origin": described.origin,
        "release": described.name,
        "revision": described.revision,
        "entry": described.index,
        "clearing": created.clearing,
        "purpose": created.purpose,
        "recipient": created.recipient,
        "at": format_instant(making.at),
        "ledger_size": described.says.ledger_size,
        "inputs": [{"digest": {"sha256": one}} for one in making.inputs],
        "counts": {
            "files": content.files,
            "bytes": content.size,
            "rows": content.rows,
            "members": content.members,
        },
        "files_root": in_base64(content.files_root),
        "members_root": in_base64(content.members_root),
        "obligations": list(making.performed),
        "program": making.program,
        "vocabulary": making.vocabulary,
    }
    if created.policy is not None and created.version is not None:
        found["policy"] = {"name": created.policy, "version": created.version}
    return {
        "_type": TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": digest}}
            for name, digest in sorted(products.items())
        ],
        "predicateType": PREDICATE,
        "predicate": found,
    }


def products_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """Give the files that a statement speaks of, with their SHA-256.

    Raises:
        ValueError: It is no statement of a release.
    """
    try:
        if payload["_type"] != TYPE or payload["predicateType"] != PREDICATE:
            raise ValueError
        return {str(one["name"]): str(one["digest"]["sha256"]) for one in payload["subject"]}
    except (KeyError, TypeError) as error:
        raise ValueError from error
