# SPDX-License-Identifier: Apache-2.0
"""What the site has an address for, and which pages links lead to."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from tests.browser.site import environment

if TYPE_CHECKING:
    from tests.browser.site import Person

_WALK = """
import json
import django
django.setup()
from django.urls import URLPattern, get_resolver
def walk(patterns, before, space):
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield space + one.name, "/" + route
        else:
            yield from walk(one.url_patterns, route, f"{space}{one.namespace}:" if one.namespace else space)
print(json.dumps(dict(walk(get_resolver().url_patterns, "", ""))))
"""
_PLACE = re.compile(r"<(int|str):[a-z_]+>")
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')


@dataclass(frozen=True)
class Found:
    """A page that a link leads to.

    Attributes:
        name: The name of its address.
        path: The address.
    """

    name: str
    path: str


def routes(root: Path) -> Mapping[str, re.Pattern[str]]:
    """Give every address of the site by its name, as a pattern."""
    done = subprocess.run(
        [sys.executable, "-c", _WALK],
        env=environment(root),
        capture_output=True,
        text=True,
        check=True,
    )
    named: dict[str, str] = json.loads(done.stdout)
    assert len(named) > 30
    return {name: re.compile(_pattern(route)) for name, route in named.items()}


def _pattern(route: str) -> str:
    kinds = {"int": r"\d+", "str": r"[^/]+"}
    parts = _PLACE.split(route)
    return "".join(
        kinds[part] if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )


def crawl(
    someone: Person, named: Mapping[str, re.Pattern[str]], begins: Iterable[str], *, each: int
) -> list[Found]:
    """Follow every link that somebody is shown, from some pages on.

    Args:
        someone: Whose browser asks.
        named: The addresses of the site.
        begins: Where to begin.
        each: How many pages of one address are enough.

    Returns:
        The pages, no file and nothing that sends her on.
    """
    found: list[Found] = []
    waiting, seen = list(begins), set(begins)
    asked: dict[str, int] = {}
    while waiting:
        path = waiting.pop(0)
        name = name_of(path, named)
        assert name, f"a link leads to {path}, which is no address of the site"
        if asked.get(name, 0) >= each:
            continue
        asked[name] = asked.get(name, 0) + 1
        answer = someone.context.request.get(path, max_redirects=0)
        if 300 <= answer.status < 400:
            continue
        assert answer.status == 200, f"{path}: {answer.status}"
        said = answer.headers
        if "text/html" not in said["content-type"] or "content-disposition" in said:
            continue
        found.append(Found(name, path))
        for link in _links(answer.text(), path):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return found


def name_of(path: str, named: Mapping[str, re.Pattern[str]]) -> str:
    """Give the name of an address; of a file of the log or of the site's style, a dash."""
    asked = urlsplit(path).path
    if asked.startswith(("/ledger/", "/static/")):
        return "-"
    return next((name for name, pattern in named.items() if pattern.fullmatch(asked)), "")


def _links(text: str, path: str) -> list[str]:
    links = (
        urldefrag(urljoin(path, one.replace("&amp;", "&")))[0] for one in _LINK.findall(text)
    )
    return [one for one in links if one.startswith("/")]
