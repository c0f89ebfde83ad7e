# SPDX-License-Identifier: Apache-2.0
"""The files that everybody may read as they are: the log's public tree, and what is said of Global Privacy Control.

They are served by a middleware, before sessions and languages are asked for: the same bytes for everybody, which any
cache may keep. A path is served if it is one that a tree can have (specs/ledger.md, part 3); no other reaches the disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.urls import get_script_prefix
from django.utils.cache import get_conditional_response

from privity.app.workspace.places import Places
from privity.errors import VerificationError
from privity.ledger.ports import CHECKPOINT, VKEY
from privity.ledger.tiles import Tile
from privity.web.configured import configured

LEDGER: Final = "/ledger/"
GPC: Final = "/.well-known/gpc.json"
FOR_GOOD: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"

_OBJECT: Final = re.compile(r"object/sha256/[0-9a-f]{64}", re.ASCII)
_CHANGING: Final = frozenset({CHECKPOINT, VKEY})
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_SHOWN: Final = 1 << 20
"""Bytes up to which an object is looked at: a text is shown as one, everything else is to be saved."""
_HEADERS: Final[Mapping[str, str]] = {
    # Whoever verifies may do so from another place, a page on a disk among them.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # A published text is somebody's file and no page of this site.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class PublicFilesMiddleware:
    """Serves the log's public tree below `/ledger/`, and `/.well-known/gpc.json`.

    Args:
        answer: What answers every other request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        asked = request.path_info
        if asked != GPC and not asked.startswith(LEDGER):
            return self._answer(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        found = gpc_file(request) if asked == GPC else tree_file(request, asked[len(LEDGER) :])
        for name, value in _HEADERS.items():
            found.headers[name] = value
        return found


def ledger_address() -> str | None:
    """Give where on this site the log's public tree is; None where the site does not serve it."""
    name = f"{__name__}.{PublicFilesMiddleware.__name__}"
    return get_script_prefix().rstrip("/") + LEDGER if name in settings.MIDDLEWARE else None


def tree_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """Give a file of the public tree."""
    if not is_of_a_tree(path):
        return _nothing()
    place = Places(configured().workspace).public / path
    try:
        if _OBJECT.fullmatch(path):
            return _object(request, place)
        data = place.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return _nothing()
    except OSError:
        return HttpResponse("not now\n", content_type=_TEXT, status=503)
    kind = _TEXT if path in _CHANGING else _BYTES
    return _answered(request, data, kind, ASK_AGAIN if path in _CHANGING else FOR_GOOD)


def is_of_a_tree(path: str) -> bool:
    """Tell whether a public tree can have such a path."""
    if path in _CHANGING or _OBJECT.fullmatch(path):
        return True
    try:
        Tile.parse(path)
    except VerificationError:
        return False
    return True


def gpc_file(request: HttpRequest) -> HttpResponseBase:
    """Say that Global Privacy Control is heeded, and since when; nothing where the platform does not say so."""
    since = configured().gpc
    if since is None:
        return _nothing()
    said = {"gpc": True, "lastUpdate": date.isoformat(since)}
    data = json.dumps(said).encode() + b"\n"  # noqa: TID251 - read by browsers; nothing is signed
    return _answered(request, data, "application/json", "public, max-age=3600")


def _object(request: HttpRequest, place: Path) -> HttpResponseBase:
    """Give a published object, whose name is the SHA-256 of its bytes."""
    size = place.stat().st_size
    etag = f'"{place.name}"'
    kept = get_conditional_response(request, etag=etag)
    if kept is not None:
        return _labelled(kept, etag, FOR_GOOD)
    if size > _SHOWN:
        found = FileResponse(place.open("rb"), as_attachment=True, filename=place.name)
        return _labelled(found, etag, FOR_GOOD)
    data = place.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        kind = _BYTES
    else:
        kind = _TEXT
    return _labelled(_bytes(request, data, kind), etag, FOR_GOOD)


def _answered(request: HttpRequest, data: bytes, kind: str, caching: str) -> HttpResponseBase:
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    kept = get_conditional_response(request, etag=etag)
    return _labelled(_bytes(request, data, kind) if kept is None else kept, etag, caching)


def _bytes(request: HttpRequest, data: bytes, kind: str) -> HttpResponse:
    found = HttpResponse(b"" if request.method == "HEAD" else data, content_type=kind)
    found.headers["Content-Length"] = str(len(data))
    return found


def _labelled(found: HttpResponseBase, etag: str, caching: str) -> HttpResponseBase:
    found.headers["ETag"] = etag
    found.headers["Cache-Control"] = caching
    return found


def _nothing() -> HttpResponse:
    # It may be there in a second: nobody keeps that it was not.
    found = HttpResponse("there is nothing here\n", content_type=_TEXT, status=404)
    found.headers["Cache-Control"] = "no-store"
    return found
