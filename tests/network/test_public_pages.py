# SPDX-License-Identifier: Apache-2.0
"""Everybody reads the policy, its history, questions, the log and its files, without an account."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st
from tests.network.conftest import GoTo, Join
from tests.property.recorded import policy_said, record_at

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.opening import open_workspace
from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.testing.plain import POLICY, SETTING

if TYPE_CHECKING:
    from django.test import Client

LATER = "2025-01-01T00:00:00Z"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAGES = (
    "/privacy/policy/",
    "/privacy/questions/",
    "/privacy/log/",
    "/privacy/policy/changes.atom",
)
PARTS = (
    "tile/", "entries/", "0/", "x001/", "000", "255", ".p/", "17", "object/", "sha256/", "a" * 64,
    "checkpoint", "vkey", "../", "./", "/", "..", "\\", "\0", "\n", "%2e", "keys/log.key",
)  # fmt: skip
Publish = Callable[[dict[str, Any]], int]


@pytest.fixture
def published(network: Path) -> Publish:
    """Publish a version on New Year's Day of 2025; gives the index of its entry."""

    def run(changes: dict[str, Any]) -> int:
        said = {
            **POLICY,
            "published_at": LATER,
            "effective_at": "2025-02-01T00:00:00Z",
            **changes,
        }
        text = encode(said)
        with open_workspace(network / "ledger") as workspace:
            return record_at(workspace, parse_instant(LATER), [policy_said(text)], [text]).first

    return run


def setting(**changes: Any) -> dict[str, Any]:
    return {
        "version": "2025",
        "settings": {SETTING: {**POLICY["settings"][SETTING], **changes}},
    }


def publish(network: Path) -> None:
    import privity  # noqa: PLC0415 - as a platform does it

    with privity.open_workspace(network / "ledger") as workspace:
        assert workspace.publish()


def text_of(answer: Any) -> str:
    """What a page says, on one line."""
    assert answer.status_code == 200, answer
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# --- pages


@pytest.mark.parametrize("page", PAGES)
def test_nobody_has_to_log_in(stranger: Client, page: str) -> None:
    answer = stranger.get(page)
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    assert stranger.post(page).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_who_asks_again_gets_nothing_twice(stranger: Client, page: str) -> None:
    stranger.get(page)  # the frame may set a cookie
    first = stranger.get(page)
    again = stranger.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("page", PAGES[:3])
def test_who_logged_in_gets_her_own_frame(join: Join, stranger: Client, page: str) -> None:
    stranger.get(page)
    etag = stranger.get(page).headers["ETag"]
    answer = join().get(page, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]


def test_a_version_is_listed_with_its_time_its_entry_and_who_published_it(
    stranger: Client, go_to: GoTo
) -> None:
    said = text_of(stranger.get("/privacy/policy/"))
    assert "No version is in force, so nothing may be used." in said
    assert "1 September 2024, 00:00 by network, entry 1" in said
    assert "to come" in said
    go_to("2024-09-18T00:00:00+00:00")
    said = text_of(stranger.get("/privacy/policy/"))
    assert "Version 2024-09-18 is in force" in said
    assert "Since 18 September 2024, 00:00 UTC." in said


def test_a_new_version_is_there_at_the_next_look(
    stranger: Client, go_to: GoTo, published: Publish
) -> None:
    go_to(LATER)
    stranger.get("/privacy/policy/")
    etag = stranger.get("/privacy/policy/").headers["ETag"]
    number = published({"version": "2025"})
    answer = stranger.get("/privacy/policy/", headers={"If-None-Match": etag})
    said = text_of(answer)
    assert "2025 to come from 1 February 2025, 00:00" in said
    assert f"by network, entry {number}" in said
    assert "Until 1 February 2025, 00:00 UTC, when another takes its place." in said


def test_a_version_is_read_in_words_with_the_digest_of_its_text(
    stranger: Client, network: Path
) -> None:
    answer = stranger.get("/privacy/policy/1/")
    said = text_of(answer)
    assert "Setting: Data for Generative AI Improvement" in said
    assert "No use of private messages (InMail and direct messages) by other companies" in said
    (found,) = re.findall(
        r'href="(/ledger/object/sha256/([0-9a-f]{64}))"', answer.content.decode()
    )
    publish(network)
    text = stranger.get(found[0])
    assert hashlib.sha256(text.content).hexdigest() == found[1]
    assert json.loads(text.content)["version"] == "2024-09-18"


@pytest.mark.parametrize("number", [0, 2, 999, 10**30])
def test_what_is_no_version_is_not_there(stranger: Client, number: int) -> None:
    assert stranger.get(f"/privacy/policy/{number}/").status_code == 404
    assert stranger.get(f"/privacy/policy/{number}/changes/").status_code == 404


def test_what_a_version_opens_says_for_whom_and_what_must_come_first(
    stranger: Client, published: Publish
) -> None:
    number = published(setting(explicit_only=[]))
    said = text_of(stranger.get(f"/privacy/policy/{number}/changes/"))
    assert "Members who said nothing in genai-improvement" in said
    assert "private messages (InMail and direct messages): for training of AI models" in said
    assert "must have reached them on or after 1 January 2025" in said
    assert "Closed 0 Nothing: what could be used before can be used now." in said
    assert "gone Only after you yourself said yes" in said
    assert "genai-improvement is the setting “Data for Generative AI Improvement”." in said


def test_what_a_version_closes_says_what_is_answered_from_now_on(
    stranger: Client, published: Publish
) -> None:
    number = published(
        {"version": "2025", "groups": {"exempt": ["EU", "EEA", "CH", "GB", "CA"]}}
    )
    said = text_of(stranger.get(f"/privacy/policy/{number}/changes/"))
    assert "Opened 0 Nothing: what could not be used before cannot be used now." in said
    assert "Members who are in Canada" in said
    assert "“You live, or lived when this was written, where this use is not made.”" in said


def test_the_first_version_is_compared_with_nothing(stranger: Client) -> None:
    said = text_of(stranger.get("/privacy/policy/1/changes/"))
    assert "It is the first version. Before it nothing could be used." in said
    assert "Sentences that came and went" not in said


def test_questions_are_answered_by_the_version_in_force(
    stranger: Client, go_to: GoTo, published: Publish
) -> None:
    assert "nothing may be used" in text_of(stranger.get("/privacy/questions/"))
    go_to("2024-09-18T00:00:00+00:00")
    said = text_of(stranger.get("/privacy/questions/"))
    assert "Are my private messages used? Only where the author and all to whom" in said
    forbidden = [{"id": "none", "categories": ["private-message"]}]
    published({"version": "2025", "forbid": forbidden})
    go_to("2025-02-01T00:00:00+00:00")
    said = text_of(stranger.get("/privacy/questions/"))
    assert "Answered by version 2025" in said
    assert "Are my private messages used? No, by nobody and for nothing" in said


def test_a_name_of_a_version_is_shown_and_not_obeyed(
    stranger: Client, published: Publish
) -> None:
    number = published({"version": "<script>alert(1)</script>/../x"})
    for page in (
        "/privacy/policy/",
        f"/privacy/policy/{number}/",
        f"/privacy/policy/{number}/changes/",
        "/privacy/policy/changes.atom",
    ):
        answer = stranger.get(page)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
        assert b"&lt;script&gt;alert" in answer.content


def test_the_log_is_shown_with_how_to_verify_it(stranger: Client, network: Path) -> None:
    publish(network)
    said = text_of(stranger.get("/privacy/log/"))
    vkey = (network / "ledger" / "public" / "vkey").read_text().strip()
    assert f"privity ledger verify http://testserver/ledger/ --vkey {vkey}" in said
    assert "Published 3 entries, the newest of 1 September 2024" in said
    assert "well It grows" in said


def test_a_log_that_is_not_published_in_time_is_not_well(
    stranger: Client, network: Path, go_to: GoTo
) -> None:
    publish(network)
    import privity  # noqa: PLC0415 - as a platform does it

    with privity.open_workspace(network / "ledger", now="2024-09-03T00:00:00Z") as workspace:
        workspace.record("1", "joined")
    go_to("2024-09-04T00:00:00+00:00")
    said = text_of(stranger.get("/privacy/log/"))
    assert "not well" in said
    assert str(network) not in said


def test_a_notice_does_not_stand_before_what_everybody_may_read(
    join: Join, go_to: GoTo
) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    assert ana.get("/people/").status_code == 302
    for page in PAGES:
        assert ana.get(page).status_code == 200


# --- the feed


def test_the_feed_has_every_version_under_an_id_that_lasts(
    stranger: Client, published: Publish
) -> None:
    before = ET.fromstring(stranger.get(PAGES[3]).content)  # noqa: S314 - of our own making
    number = published({"version": "2025"})
    answer = stranger.get(PAGES[3])
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - of our own making
    entries = feed.findall("a:entry", ATOM)
    assert [one.findtext("a:title", namespaces=ATOM) for one in entries] == [
        "Version 2025 of policy genai-training",
        "Version 2024-09-18 of policy genai-training",
    ]
    assert entries[0].findtext("a:updated", namespaces=ATOM) == "2025-01-01T00:00:00+00:00"
    assert entries[0].findtext("a:author/a:name", namespaces=ATOM) == "network"
    link = entries[0].find("a:link", ATOM)
    assert link is not None
    assert link.attrib["href"] == f"http://testserver/privacy/policy/{number}/changes/"
    assert entries[1].findtext("a:id", namespaces=ATOM) == before.findtext(
        "a:entry/a:id", namespaces=ATOM
    )
    assert feed.findtext("a:id", namespaces=ATOM) == before.findtext("a:id", namespaces=ATOM)


# --- the files


def test_the_tree_is_served_byte_for_byte(stranger: Client, network: Path) -> None:
    publish(network)
    public = network / "ledger" / "public"
    files = [one for one in public.rglob("*") if one.is_file()]
    assert len(files) >= 5
    for one in files:
        path = one.relative_to(public).as_posix()
        answer = stranger.get(f"/ledger/{path}")
        assert answer.status_code == 200, path
        assert b"".join(answer) == one.read_bytes()
        fixed = path not in {"checkpoint", "vkey"}
        assert ("immutable" in answer.headers["Cache-Control"]) == fixed
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        again = stranger.get(
            f"/ledger/{path}", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
        assert stranger.head(f"/ledger/{path}").content == b""


def test_what_is_served_verifies(stranger: Client, network: Path) -> None:
    publish(network)
    copy = network / "copied"
    for one in (network / "ledger" / "public").rglob("*"):
        if one.is_file():
            path = one.relative_to(network / "ledger" / "public")
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(stranger.get(f"/ledger/{path.as_posix()}").content)
    assert verify_tree(open_tree(str(copy))).tree.checkpoint.size == 3


def test_a_checkpoint_is_asked_for_anew_each_time(stranger: Client, network: Path) -> None:
    publish(network)
    first = stranger.get("/ledger/checkpoint")
    assert first.headers["Cache-Control"] == "public, no-cache"
    import privity  # noqa: PLC0415 - as a platform does it

    with privity.open_workspace(network / "ledger") as workspace:
        workspace.record("1", "joined")
        workspace.publish()
    answer = stranger.get(
        "/ledger/checkpoint", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert answer.status_code == 200
    assert answer.content != first.content


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../privity.toml",
        "../keys/log.key",
        "%2e%2e/keys/log.key",
        "..%2fkeys%2flog.key",
        "tile/../../keys/log.key",
        "tile/0/000.p/1/../../../../../keys/log.key",
        "tile/0/000.p/01",
        "tile/entries/../../checkpoint",
        "object/sha256/../../checkpoint",
        "object/sha256/" + "0" * 64 + "/../../../checkpoint",
        "//etc/passwd",
        "/checkpoint",
        "checkpoint/",
        "checkpoint%00",
        "checkpoint%0a",
        "CHECKPOINT",
        "tile/0",
        "object/sha256",
        "object/sha256/" + "A" * 64,
        "tile/0/٠٠٠",  # noqa: RUF001 - digits that are none here
    ],
)
def test_no_other_path_reaches_the_disk(stranger: Client, network: Path, path: str) -> None:
    publish(network)
    answer = stranger.get(f"/ledger/{path}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"privity.toml" not in answer.content


@given(st.one_of(st.text(), st.lists(st.sampled_from(PARTS)).map("".join)))
def test_what_a_tree_can_have_lies_in_its_folder(path: str) -> None:
    from privity.web.public.files import is_of_a_tree  # noqa: PLC0415 - Django is set up by now

    if is_of_a_tree(path):
        place = PurePosixPath("/public") / path
        assert not {".", "..", "", "/"} & set(path.split("/"))
        assert place.parts[:2] == ("/", "public")
        assert place.parts[2] in {"checkpoint", "vkey", "tile", "object"}
        assert path.isascii()
        assert path.isprintable()


def test_a_tile_that_is_not_there_yet_is_not_kept(stranger: Client) -> None:
    answer = stranger.get("/ledger/tile/0/999")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert stranger.post("/ledger/checkpoint").status_code == 405


def test_a_published_text_is_no_page_of_the_site(
    stranger: Client, network: Path, published: Publish
) -> None:
    published({"version": "<script>alert(1)</script>"})
    publish(network)
    for place in (network / "ledger" / "public" / "object" / "sha256").iterdir():
        answer = stranger.get(f"/ledger/object/sha256/{place.name}")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_large_object_is_to_be_saved(stranger: Client, network: Path) -> None:
    from privity.web.public import files  # noqa: PLC0415 - Django is set up by now

    data = b"\xff" * (files._SHOWN + 1)
    name = hashlib.sha256(data).hexdigest()
    place = network / "ledger" / "public" / "object" / "sha256" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    answer = stranger.get(f"/ledger/object/sha256/{name}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(answer) == data
    place.write_bytes(data[:10])
    small = stranger.get(f"/ledger/object/sha256/{name}")
    assert small.headers["Content-Type"] == "application/octet-stream"


def test_global_privacy_control_is_said_to_be_heeded(
    stranger: Client, settings_of: Callable[..., None]
) -> None:
    answer = stranger.get("/.well-known/gpc.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content) == {"gpc": True, "lastUpdate": "2026-11-22"}
    settings_of(gpc=None)
    assert stranger.get("/.well-known/gpc.json").status_code == 404


@pytest.fixture
def settings_of(stranger: Client) -> Any:
    """Change what the platform says of itself, for one test."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.test import override_settings  # noqa: PLC0415 - likewise

    del stranger
    changed: list[Any] = []

    def run(**others: Any) -> None:
        one = override_settings(PRIVITY={**settings.PRIVITY, **others})
        one.enable()
        changed.append(one)

    yield run
    for one in reversed(changed):
        one.disable()


def test_a_wrong_date_is_an_error_of_the_settings(settings_of: Callable[..., None]) -> None:
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - Django is set up

    from privity.web.configured import configured  # noqa: PLC0415 - likewise

    settings_of(gpc="soon")
    with pytest.raises(ImproperlyConfigured, match="expected a date"):
        configured()


def test_a_site_that_serves_no_tree_links_to_none(stranger: Client) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.test import override_settings  # noqa: PLC0415 - likewise

    others = [one for one in settings.MIDDLEWARE if "PublicFiles" not in one]
    with override_settings(MIDDLEWARE=others):
        browser = type(stranger)()
        for page in ("/privacy/policy/1/", "/privacy/log/"):
            assert 'href="/ledger/' not in browser.get(page).content.decode()
        assert browser.get("/ledger/checkpoint").status_code != 200
