# SPDX-License-Identifier: Apache-2.0
"""The verifier as it is given out: two scripts of the page, and one HTML file with both that works from disk, in English.

The same version of Privity gives the same bytes everywhere, so that their SHA-256 can be compared.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

_STATIC: Final = Path(__file__).parents[1] / "static" / "privity"
_FRAME: Final = Path(__file__).with_name("verifier.html")
_TEXTS: Final = Path(__file__).parents[1] / "templates" / "privity" / "check" / "texts.html"
_IMPORTED: Final = "{ NotShown, check, fromBase64, toBase64, verifyGrown }"
_IMPORT: Final = f'import {_IMPORTED} from "./verify.js";\n'
_TRANSLATED: Final = re.compile(r'\{% translate "([^"]*)" %\}')
VERIFIER: Final = "verifier.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program that verifies.

    Attributes:
        name: The file's name.
        data: Its bytes.
    """

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        return sha256(self.data).hexdigest()


@cache
def programs() -> tuple[Program, ...]:
    """Give what verifies: the HTML file, and the two scripts that the page loads."""
    verify, check = (
        Program(name=name, data=(_STATIC / name).read_bytes())
        for name in ("verify.js", "check.js")
    )
    return (Program(name=VERIFIER, data=_one_file(verify, check)), verify, check)


def _one_file(verify: Program, check: Program) -> bytes:
    """Put both scripts and the style into one page, which may run and load nothing else."""
    before, _, after = check.data.decode().partition(_IMPORT)
    if not after:
        message = "check.js does not import what the HTML file puts before it"
        raise ValueError(message)
    # One module: of the first script the second one sees what it imports, and no other name.
    library = verify.data.decode().replace("\nexport ", "\n")
    taken = f"const {_IMPORTED} = (() => {{\n{library}\nreturn {_IMPORTED};\n}})();\n"
    script = f"\n{before}{taken}{after}"
    style = f"\n{(_STATIC / 'base.css').read_text(encoding='utf-8')}"
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "form-action 'none'; base-uri 'none'"
    )
    page = _FRAME.read_text(encoding="utf-8")
    parts = {"POLICY": policy, "STYLE": style, "TEXTS": _texts(), "SCRIPT": script}
    for mark, text in parts.items():
        page = page.replace(f"@{mark}@", text, 1)
    return page.encode()


def _texts() -> str:
    """Give what the page says by script as it is written, in English: the same everywhere, whatever is translated."""
    written = _TEXTS.read_text(encoding="utf-8").removeprefix("{% load i18n %}")
    found = _TRANSLATED.sub(r"\1", written).strip()
    if "{%" in found:
        message = "texts.html has something else than texts to translate"
        raise ValueError(message)
    return found


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
