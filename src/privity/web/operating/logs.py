# SPDX-License-Identifier: Apache-2.0
"""Log lines: a JSON object each, with nothing in it that names somebody.

What libraries put into a message, addresses, names, what was typed, is not repeated: of their records a line has who
said it and where in the code, and of an exception its kind and the places that it came through. Our own lines carry
the fields that are listed here, and no others.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO

from privity.canonical.encode import encode
from privity.errors import PrivityError

LOGGER: Final = logging.getLogger("privity.web")
FIELDS: Final = ("request", "method", "page", "status", "milliseconds", "limited")
"""What a line of ours may carry."""
NUMBER: Final = "privity_request"
"""The attribute of a request that has its number."""
_QUIET: Final = {"django.request": logging.ERROR, "django.server": logging.ERROR}
"""Loggers that repeat what our own line says of every request."""
_PLACES: Final = 12


class JsonLines(logging.Formatter):
    """Makes of a record one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, Any] = {
            "at": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name == LOGGER.name:
            line["event"] = record.msg
            line |= {one: getattr(record, one) for one in FIELDS if hasattr(record, one)}
        else:
            line["place"] = f"{record.module}:{record.lineno}"
            number = getattr(getattr(record, "request", None), NUMBER, None)
            if number is not None:
                line["request"] = number
        if record.exc_info and record.exc_info[1] is not None:
            line |= _raised(record.exc_info[1], record.exc_info[2])
        return encode(line).decode()


def say(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a line of our own."""
    LOGGER.log(level, event, extra=fields)


def configure(stream: TextIO | None = None) -> None:
    """Have everything that this process logs written as lines of JSON, and nowhere else.

    Args:
        stream: Where; left out, standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in list(root.manager.loggerDict):
        one = logging.getLogger(name)
        one.handlers.clear()
        one.propagate = True
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def _raised(error: BaseException, trace: TracebackType | None) -> Mapping[str, Any]:
    """Say of an exception what it is and where it came through; its text may quote somebody."""
    found: dict[str, Any] = {
        "error": type(error).__name__,
        "places": [
            f"{one.name} {'/'.join(one.filename.rsplit('/', 3)[1:])}:{one.lineno}"
            for one in traceback.extract_tb(trace)[-_PLACES:]
        ],
    }
    if isinstance(error, PrivityError):
        found["code"] = error.code
    return found
