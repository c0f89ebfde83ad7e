# SPDX-License-Identifier: Apache-2.0
"""*Check it*: the page, the file that it verifies, and the verifier as one HTML file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64encode
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.network.conftest import Join

from privity.app.live import LiveWorkspace
from privity.app.workspace.recording import Recorded
from privity.ledger.note import Vkey
from privity.members.facts import SHAPES
from privity.release.check_file import CheckFile, open_check_file

if TYPE_CHECKING:
    from django.test import Client

NODE = shutil.which("node")


def enter(name: str, data: bytes, workspace: LiveWorkspace) -> Recorded:
    return workspace.program(name, data)


def publish() -> tuple[str, ...]:
    from privity.web.desk import ask  # noqa: PLC0415 - Django is set up by now

    ask(lambda workspace: workspace.publish())
    return ask(lambda workspace: workspace.vkeys())


def file_of(browser: Client) -> bytes:
    answer = browser.get("/privacy/check/check.json")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    data: bytes = answer.content
    return data


def test_a_member_gets_her_file_and_nobody_elses(join: Join) -> None:
    ana, ben = join(), join(email="ben@example.com", name="Ben Low")
    vkeys = [Vkey.parse(one) for one in publish()]
    files = [CheckFile.parse(file_of(one)) for one in (ana, ben)]
    held = [open_check_file(one, vkeys) for one in files]
    assert files[0].receipt.member != files[1].receipt.member
    assert all(one.in_log == len(one.events) > 1 for one in held)
    assert not {one.entry for one in files[0].receipt.events} & {
        one.entry for one in files[1].receipt.events
    }


def test_who_is_not_logged_in_gets_the_verifier_and_nothing_else(join: Join) -> None:
    browser = join()
    browser.logout()
    for path in ("/privacy/check/", "/privacy/check/check.json"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/log-in/")
    assert browser.get("/privacy/check/verifier.html").status_code == 200


def test_the_page_says_whose_code_it_is_and_what_it_hashes_to(join: Join) -> None:
    from privity.web.check.programs import programs  # noqa: PLC0415 - Django is set up by now

    page = join().get("/privacy/check/").content.decode()
    assert "What is not shown" in page
    assert "code came from the platform" in page
    assert "privity release check-proof" in page
    for one in programs():
        assert one.sha256 == sha256(one.data).hexdigest()
        assert one.sha256 in page
    assert len(page) < 100_000


def test_the_scripts_that_are_loaded_are_those_that_are_named(join: Join) -> None:
    """What is served under `static/` has the SHA-256 that the page says."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now

    from privity.web.check.programs import programs  # noqa: PLC0415 - likewise

    page = join().get("/privacy/check/").content.decode()
    (loaded,) = re.findall(
        r'<script type="module" src="/static/(privity/check[^"]*\.js)">', page
    )
    named = {one.name: one.data for one in programs()}
    root = Path(settings.STATIC_ROOT)
    assert (root / loaded).read_bytes() == named["check.js"]
    assert (root / "privity" / "verify.js").read_bytes() == named["verify.js"]


STATIC = Path(__file__).parents[2] / "src" / "privity" / "web" / "static" / "privity"
ASKED = re.compile(
    r"""(?:said|texts\.get|texts\.has|table)\(\s*(?:waiting \? )?"([a-z-]+)"(?: : "([a-z-]+)")?"""
)
LISTED = re.compile(r"""table\("[a-z-]+", \[([^\]]*)\]""")
MEMBER_FACTS = [kind for kind, shape in SHAPES.items() if not shape.platform]
CODES = re.compile(r'"((?:check|entry|ledger|release)/[a-z-]+)"')


def test_every_sentence_that_the_script_says_stands_in_the_page(join: Join) -> None:
    """None is left over, and none is missing; so whoever translates the page translates all."""
    page = join().get("/privacy/check/").content.decode()
    check, verify = ((STATIC / name).read_text("utf-8") for name in ("check.js", "verify.js"))
    asked = {one for found in ASKED.findall(check) for one in found if one}
    asked |= {
        one for found in LISTED.findall(check) for one in re.findall(r'"([a-z-]+)"', found)
    }
    asked |= {*re.findall(r'said\(ofTheFile \? "([a-z-]+)" : "([a-z-]+)"\)', check)[0]}
    asked |= {*CODES.findall(check), *CODES.findall(verify)}
    asked -= {
        "ledger/consistency",
        "ledger/tile",
    }  # the sentences about a log that has grown say it
    asked |= {f"fact {kind}" for kind in MEMBER_FACTS} | {
        "privity/enrol/v1",
        "privity/erased/v1",
    }
    texts = re.findall(r'<p data-text="([^"]+)">[^<]+</p>', page)
    assert len(texts) == len(set(texts))
    assert set(texts) == asked


def test_the_script_has_no_sentence_of_its_own() -> None:
    check = (STATIC / "check.js").read_text("utf-8")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", check, flags=re.DOTALL)
    said = re.findall(r"""["'`]([^"'`\n]*[A-Za-z]{2}[.…]? [A-Za-z]{2}[^"'`\n]*)["'`]""", code)
    assert said == []


def test_the_one_file_is_in_english_and_asks_nobody_which_language(join: Join) -> None:
    from django.utils import translation  # noqa: PLC0415 - Django is set up by now

    from privity.web.check import programs as made  # noqa: PLC0415 - likewise

    browser = join()
    with translation.override("de"):
        made.programs.cache_clear()
        page = browser.get("/privacy/check/verifier.html").content
    made.programs.cache_clear()
    assert browser.get("/privacy/check/verifier.html").content == page
    assert b"It does not hold." in page
    assert b"{%" not in page


def test_the_one_file_runs_its_own_script_and_loads_nothing(join: Join) -> None:
    answer = join().get("/privacy/check/verifier.html")
    assert answer["Content-Disposition"] == 'attachment; filename="verifier.html"'
    page = answer.content.decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none';")
    for name in ("script", "style"):
        (inside,) = re.findall(rf"<{name}[^>]*>(.*?)</{name}>", page, re.DOTALL)
        hashed = b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{hashed}';" in policy
    assert not re.findall(r"(?:src|href)=", page)
    assert "import " not in page


@pytest.mark.skipif(NODE is None, reason="needs Node, which runs the verifier of the pages")
def test_what_the_platform_gives_holds_in_the_verifier(join: Join, tmp_path: Path) -> None:
    assert NODE is not None
    browser = join()
    vkeys = publish()
    file = tmp_path / "check.json"
    file.write_bytes(file_of(browser))
    program = """
        import { readFileSync } from "node:fs";
        const [verifier, file, vkey] = process.argv.slice(1);
        const { check } = await import(verifier);
        const { events, releases } = await check(readFileSync(file), vkey);
        console.log(JSON.stringify({ inLog: events.map((one) => one.inLog), releases }));
    """
    ran = subprocess.run(
        [
            NODE,
            "--input-type=module",
            "-e",
            program,
            str(STATIC / "verify.js"),
            str(file),
            vkeys[0],
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["inLog"]
    assert all(said["inLog"])
    assert said["releases"] == []


def test_the_programs_are_in_the_log_once_and_in_its_public_tree(
    join: Join, network: Path
) -> None:
    """[ENT-89]: whoever is given another program under this name can show it."""
    from privity.web.check.programs import programs  # noqa: PLC0415 - Django is set up by now
    from privity.web.desk import ask  # noqa: PLC0415 - likewise

    browser = join()
    pages = [browser.get("/privacy/check/").content.decode() for _ in range(2)]
    publish()
    for one in programs():
        recorded = ask(partial(enter, one.name, one.data))
        assert recorded.again
        assert all(f"<td>entry {recorded.first}</td>" in page for page in pages)
        assert (network / "ledger/public/object/sha256" / one.sha256).read_bytes() == one.data
