# SPDX-License-Identifier: Apache-2.0
"""`privity serve` as a process: what it answers beside pages, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlsplit

import pytest
from tests.network.conftest import found_ledger

from privity.errors import PrivityError

pytestmark = pytest.mark.enable_socket

PROGRAM = Path(sys.executable).parent / "privity"
SITE = """
import os
from django.http import HttpResponse
from django.urls import path

SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = __name__
INSTALLED_APPS = ["privity.web", "django.contrib.staticfiles"]
MIDDLEWARE = ["privity.web.operating.watching.WatchMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["HERE"] + "/site.db"}}
STATIC_URL = "static/"
STATIC_ROOT = os.environ["HERE"] + "/static"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
PRIVITY = {"workspace": os.environ["HERE"] + "/ledger", "member": "a_site.nobody"}

def nobody(request):
    return None

def slow(request):
    # Says that it began, and waits until it is let on: a pipe is opened when its other end is.
    open(os.environ["HERE"] + "/began", "w").close()
    open(os.environ["HERE"] + "/go-on").close()
    return HttpResponse(request.scheme + " " + request.META["REMOTE_ADDR"])

def quick(request):
    return HttpResponse(request.scheme + " " + request.META["REMOTE_ADDR"])

def pool(request):
    import pyarrow
    return HttpResponse(pyarrow.default_memory_pool().backend_name)

urlpatterns = [path("slow/", slow), path("quick/", quick), path("pool/", pool)]
"""


@contextmanager
def served(here: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A site with a page that takes as long as a test wants."""
    (here / "a_site.py").write_text(SITE)
    found_ledger(here / "ledger")
    for name in ("began", "go-on"):
        os.mkfifo(here / name)
    environ = os.environ | {"HERE": str(here), "PYTHONPATH": str(here)}
    command = [str(PROGRAM), "serve", "--settings", "a_site", "--port", "0", *options]
    with (
        (here / "log").open("w") as log,
        subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            assert said, (here / "log").read_text()
            yield process, urlsplit(said[0]).netloc
        finally:
            process.kill()


def get(address: str, path: str, **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(address, timeout=60)) as line:
        line.request(
            "GET", path, headers={one.replace("_", "-"): headers[one] for one in headers}
        )
        answer = line.getresponse()
        assert answer.getheader("Server") is None
        return answer.status, answer.read().decode()


def test_who_came_before_the_end_has_an_answer(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address):
        assert get(address, "/healthz")[0] == 200
        status, figures = get(address, "/metrics")
        assert status == 200
        assert "process_resident_memory_bytes" in figures
        answers: list[tuple[int, str]] = []
        asking = threading.Thread(target=lambda: answers.append(get(address, "/slow/")))
        asking.start()
        (tmp_path / "began").read_text()
        process.send_signal(signal.SIGTERM)
        while get(address, "/healthz")[0] == 200:
            pass
        assert json.loads(get(address, "/healthz")[1])["server"] == "ending"
        assert get(address, "/quick/")[0] == 503
        assert process.poll() is None
        (tmp_path / "go-on").write_text("")
        asking.join()
        assert answers == [(200, "http 127.0.0.1")]
        assert process.wait(timeout=60) == 0
    lines = [json.loads(one) for one in (tmp_path / "log").read_text().splitlines()]
    assert [one["status"] for one in lines if one.get("event") == "answered"] == [200]


def test_arrow_asks_the_c_library_for_memory_where_nobody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, said, backend in (("plain", "", "system"), ("said", "mimalloc", "mimalloc")):
        (tmp_path / name).mkdir()
        if said:
            monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", said)
        with served(tmp_path / name) as (_, address):
            assert get(address, "/pool/") == (200, backend)


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address):
        asking = threading.Thread(target=_refused, args=(address,))
        asking.start()
        (tmp_path / "began").read_text()
        process.send_signal(signal.SIGTERM)
        while get(address, "/healthz")[0] == 200:
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        asking.join()


def _refused(address: str) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        get(address, "/slow/")


FORWARDED = {
    "X_Forwarded_For": "192.0.2.7",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Host": "localhost",
}


def test_who_forwards_is_believed_where_the_operator_says_so(tmp_path: Path) -> None:
    for name, options, seen, figures in (
        ("plain", (), "http 127.0.0.1", 200),
        ("behind", ("--proxy", "127.0.0.1"), "https 192.0.2.7", 404),
        ("other", ("--proxy", "192.0.2.1"), "http 127.0.0.1", 200),
    ):
        (tmp_path / name).mkdir()
        with served(tmp_path / name, *options) as (_, address):
            assert get(address, "/quick/", **FORWARDED) == (200, seen), name
            # Whoever is elsewhere gets no figures, though the proxy is here.
            assert get(address, "/metrics", **FORWARDED)[0] == figures, name


def refused(here: Path, **environ: str) -> tuple[int, str]:
    """Have a site served that cannot be: its exit code, and what it says."""
    (here / "a_site.py").write_text(SITE)
    done = subprocess.run(
        [PROGRAM, "serve", "--settings", "a_site", "--port", "0"],
        env=os.environ | {"HERE": str(here), "PYTHONPATH": str(here)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_a_site_without_its_workspace_is_not_served(tmp_path: Path) -> None:
    code, said = refused(tmp_path)
    assert code == 2
    assert said.splitlines() == [
        f"privity: `{tmp_path}/ledger` is no workspace: it has no `privity.toml`",
        f"  hint: make one with `privity init {tmp_path}/ledger --origin NAME`",
    ]


def test_a_site_whose_tables_cannot_be_reached_is_not_served(tmp_path: Path) -> None:
    found_ledger(tmp_path / "ledger")
    (tmp_path / "site.db").mkdir()
    code, said = refused(tmp_path)
    assert code == 5
    assert said.splitlines() == [
        "privity: the site's tables cannot be reached: unable to open database file",
        "  hint: look at `DATABASES` of a_site; the folder of a file must exist",
    ]


def test_no_trouble_ends_the_publishing(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from privity.web import serving  # noqa: PLC0415 - Django is set up by now
    from privity.web.operating.front import Front  # noqa: PLC0415 - likewise

    monkeypatch.setattr(serving, "PUBLISH_EVERY", 0.01)
    settings = network / "ledger" / "privity.toml"
    aside, told = settings.rename(network / "aside.toml"), SimpleQueue[PrivityError]()

    class Heard(Front):
        def published(self) -> None:
            heard.set()

    heard = threading.Event()
    with serving._publishing(told.put, Heard(lambda _environ, _start: ())):
        assert told.get(timeout=60).code == "workspace/missing"
        aside.rename(settings)
        assert heard.wait(60)
    assert told.empty()
