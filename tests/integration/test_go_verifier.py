# SPDX-License-Identifier: Apache-2.0
"""What our store and publisher write is read by the log code of the Go command, which nobody here wrote.

Two programs drive `golang.org/x/mod/sumdb/{note,tlog}`: the example of the pages, and one that is not ours to publish,
which besides compares earlier roots (`roots.json`); its folder is `PRIVITY_VERIFIERS`, or `shared/verify` beside the
repository. Without Go and the module (CONTRIBUTING.md) the tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.unit.app.public_logs import TEXT, ledger_entries
from tests.unit.ledger.logs import ORIGIN, SIGNER

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.canonical.encode import digest
from privity.errors import PrivityError
from privity.ledger.log import append
from privity.ledger.publish import publish
from privity.ledger.recover import Log
from privity.store.files import Folder, NoteFile
from privity.store.sqlite import create_log

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "examples" / "ledger" / "verify.go"
THEIRS = Path(os.environ.get("PRIVITY_VERIFIERS", ROOT.parent / "shared" / "verify")) / "gov.go"
GOPATH = Path("/usr/share/gocode")
MODULE = GOPATH / "src" / "golang.org" / "x" / "mod"

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not MODULE.exists(),
    reason="Go is not here: apt-get install golang-go golang-golang-x-mod-dev",
)
theirs = pytest.mark.skipif(
    not THEIRS.exists(),
    reason="the verifier is not here: name its folder with PRIVITY_VERIFIERS",
)

ENTRIES = 66_000
SPOILED = [7, 300, 511, 512, 1_000]
SIZES = [
    [1],
    [1, 2, 3, 255],
    [256],
    [255, 256, 257],
    SPOILED,
    pytest.param([30_000, 65_535, 65_536, ENTRIES], marks=pytest.mark.slow),
]

Spoil = Callable[[Path], object]
Verify = Callable[[Path], "subprocess.CompletedProcess[str]"]


def built(program: Path, folder: Path) -> Path:
    """Build a program without asking any network."""
    environment = {
        "GO111MODULE": "off",
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(GOPATH),
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    target = folder / program.stem
    subprocess.run(["go", "build", "-o", target, program], env=environment, check=True)
    return target


@pytest.fixture(scope="module", params=["ours", pytest.param("theirs", marks=theirs)])
def verify(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """Run one of the programs on a public tree."""
    folder = tmp_path_factory.mktemp("go")
    program = built(OURS if request.param == "ours" else THEIRS, folder)

    def run(public: Path) -> subprocess.CompletedProcess[str]:
        command = [program, public]
        if request.param == "ours":
            command.append(public / "vkey")
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="module")
def entries() -> list[bytes]:
    return ledger_entries(ENTRIES)


def written(folder: Path, entries: Sequence[bytes], sizes: Sequence[int]) -> Path:
    """Append entries and publish them at each size; give the public tree, with the roots of all sizes."""
    store = create_log(folder / "ledger.db", origin=ORIGIN)
    public = folder / "public"
    log = Log(
        origin=ORIGIN,
        vkeys=(SIGNER.vkey,),
        store=store,
        tree=Folder(public),
        anchor=NoteFile(folder / "anchor"),
    )
    log.tree.replace("vkey", f"{SIGNER.vkey.to_text()}\n".encode())
    roots: dict[str, str] = {}
    done = 0
    for size in sizes:
        with store.transaction() as tx:
            if not done:
                tx.put_object(digest(TEXT), TEXT)
            append(tx, entries[done:size], time=size)
        done = size
        roots[str(size)] = publish(log, [SIGNER]).checkpoint.root.hex()
    store.close()
    (public / "roots.json").write_text(json.dumps(roots), encoding="utf-8")
    return public


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_log_of_ours_is_read_by_the_go_commands_code(
    sizes: list[int], entries: list[bytes], verify: Verify, tmp_path: Path
) -> None:
    public = written(tmp_path, entries, sizes)
    done = verify(public)
    assert (done.returncode, done.stderr) == (0, "")
    size = sizes[-1]
    assert done.stdout in {
        f"{ORIGIN}: {size} entries are those that were signed\n",
        f"OK size {size}, {size} entries re-hashed, {len(sizes)} earlier roots consistent\n",
    }
    assert verify_tree(open_tree(str(public))).tree.checkpoint.size == size


def flip(path: str, at: int) -> Spoil:
    """Change one bit."""

    def spoil(public: Path) -> None:
        data = bytearray((public / path).read_bytes())
        data[at] ^= 1
        (public / path).write_bytes(data)

    return spoil


def rewrite(path: str, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(public: Path) -> None:
        place = public / path
        data = place.read_bytes()
        assert change(data) != data
        place.write_bytes(change(data))

    return spoil


LAST_BUNDLE, LAST_TILE = "tile/entries/003.p/232", "tile/0/003.p/232"
MUTANTS: dict[str, Spoil] = {
    "the key": flip("vkey", -20),
    "the key's id": flip("vkey", len(ORIGIN) + 1),
    "the origin": flip("checkpoint", 0),
    "the size": flip("checkpoint", len(ORIGIN) + 1),
    "the root": flip("checkpoint", len(ORIGIN) + 10),
    "the signature": flip("checkpoint", -20),
    "a fewer entry": rewrite("checkpoint", lambda data: data.replace(b"\n1000\n", b"\n999\n")),
    "an entry": flip("tile/entries/002", 50),
    "the last entry": flip(LAST_BUNDLE, -1),
    "an entry's length": flip("tile/entries/000", 1),
    "an entry left out": rewrite("tile/entries/001", lambda data: data[139:]),
    "an entry twice": rewrite("tile/entries/001", lambda data: data[:139] + data),
    "two entries in each other's place": rewrite(
        "tile/entries/001", lambda data: data[139:278] + data[:139] + data[278:]
    ),
    "half a bundle": rewrite("tile/entries/001", lambda data: data[:-1]),
    "a leaf's hash": flip("tile/0/000", 32 * 77),
    "the last leaf's hash": flip(LAST_TILE, -1),
    "a hash above": flip("tile/1/000.p/3", 33),
    "half a tile": rewrite("tile/0/002", lambda data: data[:-1]),
    "a missing bundle": lambda public: (public / "tile/entries/001").unlink(),
    "a missing tile": lambda public: (public / "tile/0/001").unlink(),
    "a missing last tile": lambda public: (public / LAST_TILE).unlink(),
    "a missing checkpoint": lambda public: (public / "checkpoint").unlink(),
}


@pytest.fixture(scope="module")
def sound(entries: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("sound"), entries, SPOILED)


@pytest.mark.parametrize("spoil", MUTANTS.values(), ids=MUTANTS)
def test_what_was_tampered_with_is_refused_by_the_go_commands_code_and_by_ours(
    spoil: Spoil, sound: Path, verify: Verify, tmp_path: Path
) -> None:
    public = shutil.copytree(sound, tmp_path / "public")
    spoil(public)
    assert verify(public).returncode != 0
    with pytest.raises(PrivityError) as caught:
        verify_tree(open_tree(str(public)))
    # A tree without a checkpoint says nothing that could not hold.
    assert caught.value.exit_code == (3 if (public / "checkpoint").exists() else 5)


@theirs
def test_another_history_is_refused_by_the_go_commands_code(
    sound: Path, tmp_path: Path
) -> None:
    program = built(THEIRS, tmp_path)
    public = shutil.copytree(sound, tmp_path / "public")
    roots = json.loads((public / "roots.json").read_text("utf-8"))
    for size in roots:
        (public / "roots.json").write_text(
            json.dumps({**roots, size: "00" * 32}), encoding="utf-8"
        )
        done = subprocess.run([program, public], capture_output=True, text=True, check=False)
        assert done.returncode != 0, size
        assert done.stdout.startswith("FAIL ")
