# SPDX-License-Identifier: Apache-2.0
"""Make the cases of `tests/vectors/check-forged.json`: what a platform could sign that has the log's key, and lies.

    python -m tests.web.forged_checks >tests/vectors/check-forged.json

Nothing here is changed on the way: every hash and every signature is right, and what was entered is not. Seeds and keys are
fixed, so each time gives the same bytes. What Python says of a case is written beside it, and both verifiers are held to it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from tests.web.forged_releases import ASKED, RELEASES
from tests.web.forged_streams import ATTESTED, LOGS, RECEIPTS, STREAMS
from tests.web.forging import BOTH, VKEY, file_of, plain
from tests.web.made_checks import Value, shown_by_python

from privity.canonical.encode import encode_canonical


def texts() -> Iterator[tuple[str, str, str]]:
    """Give texts that are no file at all."""
    nested = "[" * 17 + "]" * 17
    yield "text-null", "null", "null"
    yield "text-list", "a list", "[]"
    yield "text-text", "a text", '"privity/check/v1"'
    yield "text-empty", "nothing", ""
    yield "text-two", "two values", "{}{}"
    yield "text-deep", "seventeen lists in one another", nested
    yield "text-sixteen", "sixteen, which is no file either", nested[1:-1]
    yield "text-fraction", "a number with a point", '{"schema":1.5}'
    yield "text-large", "an integer that not all readers take", '{"schema":9007199254740992}'
    yield "text-minus-zero", "a zero with a sign", '{"schema":-0}'
    yield "text-key", "a key beyond ASCII", '{"ä":1}'
    yield "text-half", "half of a surrogate pair", '{"schema":"\\ud800"}'
    yield (
        "text-proto",
        "a key that JavaScript has a meaning for",
        '{"__proto__":{"schema":"privity/receipt/v1"}}',
    )


def cases() -> Value:
    """Give the cases, and what Python says of each."""
    found: list[Value] = []
    for id_, why, change in (
        *STREAMS,
        *ATTESTED,
        *RECEIPTS,
        *LOGS,
        *RELEASES,
        *ASKED,
    ):
        story = plain()
        change(story)
        text = encode_canonical(file_of(story)).decode()
        # Of two logs both keys are believed.
        vkey = {"vkey": BOTH} if id_.startswith("log-") else {}
        found.append(
            {
                "id": id_,
                "why": why,
                "text": text,
                **vkey,
                **shown_by_python(text, BOTH if vkey else VKEY),
            }
        )
    found += [
        {"id": id_, "why": why, "text": text, **shown_by_python(text, VKEY)}
        for id_, why, text in texts()
    ]
    return {"cases": found, "vkey": VKEY}


if __name__ == "__main__":
    json.dump(cases(), sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")
