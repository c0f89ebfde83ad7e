# SPDX-License-Identifier: Apache-2.0
"""Every text that a page shows can be said in another language, and nothing is said but by a catalogue."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.messages import (
    SOURCES,
    as_texts,
    collected,
    languages,
    place_of,
    places_in,
    read,
)
from tests.network.pseudo import LANGUAGE, bracketed, outside
from tests.network.reading import become_premium, read_notice
from tests.network.test_access import Address, addresses, shown
from tests.network.yours import release, take_back
from tests.property.recorded import policy_said, record_at

import privity
from privity.app.workspace.opening import open_workspace
from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.testing.plain import NOTICE, POLICY, SETTING
from privity.vocabulary.sentences import say

if TYPE_CHECKING:
    from django.test import Client

NAMES: Final = {
    "Common Ground", "Premium", "InMail", "SHA-256", "JSON-LD", "UTC", "EU", "EEA", "US", "DE", "IE", "CH", "GB",
    "network", "self", "winter", "ostrich", "subscription", "confidentiality", "no-credentials", "2024-09-18", "2025",
    "example", "localhost", "http", "genai-training", NOTICE, SETTING, "Data for Generative AI Improvement", "E", "EDT",
    "EST", "Dublin", "Ireland", "India", "1 Example Street", "privacy@network.example", "verifier.html", "verify.js", "check.js",
}  # fmt: skip
"""What is called the same in every language: names, and the ids of this policy, this log and this release."""
_TAG: Final = re.compile(
    r"\{% (?:blocktranslate|blocktrans)\b.*?\{% end(?:blocktranslate|blocktrans) %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
_ENGLISH: Final = frozenset({"privity:verifier"})
"""The verifier that works without any site is one file, which everybody gets alike."""
_NO_PAGE: Final = frozenset({
    "accept", "connect", "disconnect", "log-out", "take-off",
    "privity:check-file", "privity:feed", "privity:ledger-receipt", "privity:receipt-file", "your-copy",
    "privity:take-back",
})  # fmt: skip
"""What only takes something, what gives a file, and what the network has a page of its own for."""
TEMPLATES: Final = sorted(
    path for folder in SOURCES.values() for path in folder.rglob("templates/**/*.html")
)


def test_no_template_says_anything_by_itself() -> None:
    said = {
        str(path): outside(_TAG.sub(" ", path.read_text("utf-8")), NAMES) for path in TEMPLATES
    }
    assert len(said) > 40
    assert {path: words for path, words in said.items() if words} == {}


def said_by_itself(source: str) -> list[str]:
    """The literals that code gives to people past every catalogue."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = [one.value for one in node.keywords if one.arg in {"label", "help_text"}]
        match node.func:
            case ast.Name(id="ValidationError" | "failed"):
                given += node.args
            case ast.Attribute(value=ast.Name(id="messages")):
                given += node.args
            case _:
                pass
        found += [
            ast.unparse(one)
            for one in given
            if isinstance(one, ast.JoinedStr)
            or (isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value)
        ]
    return found


def test_no_code_says_anything_past_a_catalogue() -> None:
    for folder in (SOURCES["network"], SOURCES["privity"] / "web"):
        for path in folder.rglob("*.py"):
            assert said_by_itself(path.read_text("utf-8")) == [], path
    assert said_by_itself('messages.info(request, "no")\nCharField(label=_("a"))') == ["'no'"]


def test_words_outside_of_brackets_are_found() -> None:
    page = '<p>⟦a <b>b</b> ⟦c⟧ d⟧ 12: <code>x</code> <em title="loud">⟦e⟧</em> Ana left.</p><p>Ana</p>'
    assert outside(page, {"Ana"}) == ["loud", "Ana left."]


@pytest.fixture
def strangers(stranger: Client, tmp_path: Path) -> Iterator[Client]:
    """The browser of somebody who asks for brackets."""
    with bracketed(tmp_path / "locale"):
        stranger.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE
        yield stranger


@pytest.fixture
def sam(strangers: Client, join: Join) -> Client:
    """The browser of somebody who joined, and asks for brackets."""
    del strangers
    browser = join(name="Sam Roe", email="sam@example.com")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE
    return browser


@pytest.fixture
def lived(
    sam: Client, strangers: Client, join: Join, network: Path, go_to: GoTo
) -> dict[str, Client]:
    """A network in which much has happened, seen by everybody whom a page can treat otherwise."""
    found = {
        "nobody": strangers,
        "silent": sam,
        "ana": join(),
        "ben": join(name="Ben Okafor", email="ben@example.com"),
        "exempt": join(name="Lena Vogt", email="lena@example.com", country="DE"),
        "young": join(name="Kim Lee", email="kim@example.com", birth_date="2008-01-01"),
        "objects": join(name="Olu Ade", email="olu@example.com"),
        "signals": join(name="Gil Paz", email="gil@example.com"),
        "waits": join(name="Tom Fox", email="tom@example.com"),
    }
    for browser in found.values():
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE
    go_to("2024-10-01T00:00:00+00:00")
    for name, browser in found.items():
        if name not in {"waits", "nobody"}:
            read_notice(browser)
    ana = found["ana"]
    ana.post("/settings/ai/", {"setting": SETTING, "choice": "on", "older": "1"})
    found["objects"].post("/settings/ai/", {"setting": SETTING, "object": "1"})
    found["signals"].get("/", headers={"Sec-GPC": "1"})
    go_to("2024-12-01T00:00:00+00:00")
    _write(ana, found["ben"])
    release(network, "2025-01-10T00:00:00Z")
    go_to("2025-01-11T00:00:00+00:00")
    ana.post("/settings/ai/", {"setting": SETTING, "choice": "off"})
    take_back(network, "2025-01-12T00:00:00Z")
    _publish(network)
    go_to("2025-03-02T00:00:00+00:00")
    return found


def _write(ana: Client, ben: Client) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    pk = {one.name.split()[0]: one.pk for one in Account.objects.all()}
    become_premium(ana)
    ana.post("/", {"text": "101"})
    ana.post("/articles/write/", {"title": "102", "text": "103"})
    ana.post(f"/messages/{pk['Sam']}/", {"title": "104", "text": "105"})
    ben.post(f"/people/{pk['Ana']}/connect/")
    ana.post(f"/people/{pk['Kim']}/connect/")
    ana.post("/profile/", {"name": "Ana Ruiz", "headline": "106", "about": "107", "country": "US", "zone": "UTC"})  # fmt: skip


def _publish(network: Path) -> None:
    """Publish another version, which changes something of every kind."""
    changed = {
        **POLICY,
        "version": "2025",
        "published_at": "2025-02-01T00:00:00Z",
        "effective_at": "2025-03-01T00:00:00Z",
        "groups": {"exempt": ["EEA", "CH"]},
        "parties": {"group-message": "all"},
        "settings": {
            SETTING: {
                **POLICY["settings"][SETTING],
                "minimum_age": 16,
                "objection_window": "P7D",
                "default": [{"value": "on"}],
                "age_proof": "required",
            }
        },
        "agreements": {},
        "obligations": [{"do": ["expires"], "categories": ["post"], "purposes": ["genai-training"]}],
    }  # fmt: skip
    text = encode(changed)
    with open_workspace(network / "ledger") as workspace:
        record_at(workspace, parse_instant("2025-02-01T00:00:00Z"), [policy_said(text)], [text])


def values(address: Address, who: str, network: Path) -> Iterator[int | str]:
    """What may stand in an address: what there is, and what there is not."""
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.content.models import Record  # noqa: PLC0415 - likewise

    yield 0
    if who == "ana" and "policy/" in address.route:
        with privity.open_workspace(network / "ledger") as workspace:
            yield from (one.index for one in workspace.publications())
    elif "receipts/" in address.route:
        yield SETTING
    elif who == "ana":
        of = Record if "records/" in address.route else Account
        yield from of.objects.values_list("pk", flat=True)


def test_every_page_says_all_in_the_language_of_who_looks(
    lived: dict[str, Client], network: Path
) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    names = NAMES | {one.name for one in Account.objects.all()}
    seen: set[str] = set()
    wrong: dict[str, list[str]] = {}
    for who, browser in lived.items():
        for address in addresses():
            if address.name in _ENGLISH:
                continue
            for value in values(address, who, network) if address.has_number else ("",):
                where = address.with_number(value)
                answer = browser.get(where)
                if not answer.headers.get("Content-Type", "").startswith("text/html"):
                    continue
                text = shown(answer)
                if text and answer.status_code == 200:
                    seen.add(address.name)
                found = outside(text, names)
                if found:
                    wrong[f"{where} as {who} sees it"] = found
    assert wrong == {}
    # Whatever has a page was seen: what is missing here only takes something, or gives a file.
    assert {one.name for one in addresses()} - seen == _NO_PAGE | _ENGLISH


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/join/", {}),
        ("/join/", {"name": "x" * 90, "email": "x", "country": "XX", "birth_date": "2020-01-01", "password": "1"}),
        ("/log-in/", {"username": "a@example.com", "password": "1"}),
        ("/account/password/", {"old_password": "1", "new_password1": "2", "new_password2": "3"}),
        ("/account/close/", {"password": "1"}),
        ("/", {"text": "1" * 4_000}),
        ("/articles/write/", {}),
        ("/profile/", {}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_form_is_said_so_too(
    sam: Client, strangers: Client, address: str, typed: dict[str, str]
) -> None:
    browser = strangers if address in {"/join/", "/log-in/"} else sam
    answer = browser.post(address, typed)
    assert answer.status_code == 200
    assert outside(shown(answer), NAMES | {"Sam Roe"}) == []


def test_a_page_names_its_language(strangers: Client) -> None:
    answer = strangers.get("/privacy/policy/")
    assert f'<html lang="{LANGUAGE}">' in shown(answer)
    assert answer.headers["Content-Language"] == LANGUAGE
    assert "Accept-Language" in answer.headers["Vary"]


def test_error_pages_are_said_so_too(strangers: Client) -> None:
    strict = type(strangers)(enforce_csrf_checks=True, headers={"Accept-Language": LANGUAGE})
    expired = strict.post("/log-in/", {"username": "x", "password": "x"})
    gone = strangers.get("/privacy/policy/0/")
    assert (expired.status_code, gone.status_code) == (403, 404)
    for answer in (expired, gone):
        assert "⟦" in shown(answer)
        assert outside(shown(answer), NAMES) == []


# --- the catalogues that there are


CATALOGUES: Final = [
    (part, language) for part in SOURCES for language in sorted({*languages(part), "de"})
]


@pytest.mark.parametrize(("part", "language"), CATALOGUES)
def test_a_catalogue_has_all_that_is_said_and_nothing_else(part: str, language: str) -> None:
    catalog = read(part, language)
    said = {message.id: message for message in collected(part)}
    kept = {tuple(one.id) if one.pluralizable else one.id: one for one in catalog if one.id}
    assert kept.keys() == said.keys(), (
        "bring the catalogues to what the code says: make messages"
    )
    for key, one in kept.items():
        texts = as_texts(one.string)
        assert all(texts or ("",)), f"no {language} translation of {key!r}"
        own = places_in(said[key].one) | places_in(said[key].many)
        for text in texts:
            assert places_in(text) <= own, text
        assert set().union(*map(places_in, texts)) == own, key
        assert not one.fuzzy, f"nobody has looked at the {language} translation of {key!r}"


@pytest.mark.parametrize(("part", "language"), CATALOGUES)
def test_programs_read_what_people_edit(part: str, language: str) -> None:
    with place_of(part, language).with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for one in read(part, language):
        if not one.id:
            continue
        texts = as_texts(one.string)
        found = (
            (
                compiled.ngettext(one.id[0], one.id[1], 1),
                compiled.ngettext(one.id[0], one.id[1], 2),
            )
            if one.pluralizable
            else (compiled.gettext(str(one.id)),)
        )
        assert found == texts, f"make messages: {one.id!r}"


def test_who_reads_german_is_told_in_german(join: Join, go_to: GoTo) -> None:
    said = json.loads(
        (Path(__file__).parents[1] / "data/told_in_german.json").read_text("utf-8")
    )
    browser = join(name="Lena Vogt", email="lena@example.com", country="IN", zone="UTC")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de-DE,de;q=0.9,en;q=0.5"
    go_to("2024-10-01T00:00:00+00:00")
    notice = shown(browser.get("/notice/"))
    read_notice(browser)
    yours, profile = (shown(browser.get(one)) for one in ("/privacy/", "/profile/"))
    for name, page in (("notice", notice), ("yours", yours), ("profile", profile)):
        assert [text for text in said[name] if text not in page] == [], name
    french = shown(browser.get("/privacy/", headers={"Accept-Language": "fr"}))
    assert re.search(
        r"You have not said yes, and where you live[^<]*\(IN\) nothing is used", french
    )


def test_who_chose_a_language_has_it_in_every_browser(join: Join) -> None:
    browser = join()
    said = {"name": "Ana Ruiz", "country": "US", "zone": "UTC"}
    assert browser.post("/profile/", {**said, "language": "xx"}).status_code == 200
    assert browser.post("/profile/", {**said, "language": "de"}).status_code == 302
    for asked in ("en", "fr"):
        answer = browser.get("/privacy/policy/", headers={"Accept-Language": asked})
        assert '<html lang="de">' in shown(answer)
        assert answer.headers["Content-Language"] == "de"
    assert browser.get("/account/copy/").json()["account"]["language"] == "de"
    browser.post("/profile/", said)
    assert '<html lang="en">' in shown(browser.get("/account/"))


def test_what_the_demos_policies_call_their_settings_is_in_the_networks_catalogue() -> None:
    examples = Path(__file__).parents[2] / "examples" / "inmail-dispute"
    texts = [path.read_text("utf-8") for path in examples.rglob("20*.yaml")]
    labels = {
        label for text in texts for label in re.findall(r"^ +label: (.+)$", text, re.MULTILINE)
    }
    assert len(labels) > 1
    assert labels <= {message.one for message in collected("network")}


def test_a_translation_with_a_place_that_there_is_not_is_not_said(strangers: Client) -> None:
    from django.utils import translation  # noqa: PLC0415 - Django is set up by now

    from privity.web.saying import translated  # noqa: PLC0415 - likewise

    del strangers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "gettext", lambda _text: "{nothing} {since!r:>9}")
        assert translated(say("You said {what}.", what="no")) == "You said no."
