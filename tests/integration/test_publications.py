# SPDX-License-Identifier: Apache-2.0
"""Everybody can read which versions entered a log, and what each of them opened and closed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.property.recorded import policy_said, record_at, record_world, workspace_at

from privity.app.comparing import compare_pair, load_pair
from privity.app.live import LiveWorkspace
from privity.app.publications import changed_by
from privity.app.workspace.attesting import Attestation
from privity.app.workspace.parts import Workspace
from privity.canonical.encode import digest, encode
from privity.canonical.instants import parse_instant
from privity.entries.attested import Evidence, attester_of
from privity.policy.parse import parse_policy
from privity.testing.plain import POLICY
from privity.web.public.differing import told_of

POLICIES = sorted(Path("examples/inmail-dispute/as-promised/policies").glob("*.yaml"))[:4]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_at(tmp_path) as found:
        yield found


def test_a_version_has_the_time_and_the_text_of_its_entry(workspace: Workspace) -> None:
    record_world(workspace, (), [one.read_bytes() for one in POLICIES])
    found = LiveWorkspace(workspace).publications()
    assert [one.version.version for one in found] == [one.stem for one in POLICIES]
    assert [one.entered for one in found] == [one.version.published_at for one in found]
    assert [one.sha256 for one in found] == [digest(one.read_bytes()) for one in POLICIES]
    assert all(one.by is None for one in found)
    assert [one.index for one in found] == sorted(one.index for one in found)


def test_what_a_version_changed_is_what_a_diff_of_the_files_says(
    workspace: Workspace, tmp_path: Path
) -> None:
    record_world(workspace, (), [one.read_bytes() for one in POLICIES])
    found = LiveWorkspace(workspace).publications()
    before = tmp_path / "before"
    before.mkdir()
    for place in POLICIES[:-1]:
        shutil.copy(place, before)
    expected = compare_pair(load_pair(before, POLICIES[-1]))
    changed = changed_by(found, found[-1].index)
    assert (changed.opens, changed.closes) == (expected.opens, expected.closes)
    assert changed.closes  # the United Kingdom became exempt
    with pytest.raises(KeyError):
        changed_by(found, 0)


def test_what_a_version_changed_is_found_once(workspace: Workspace) -> None:
    record_world(workspace, (), [one.read_bytes() for one in POLICIES])
    found = LiveWorkspace(workspace).publications()
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda one: told_of(found, one.index), [found[-1]] * 4))
    assert told[0].closes
    assert all(one is told[0] for one in told)
    later = LiveWorkspace(workspace).publications()
    assert told_of(later, later[-1].index) is told[0]
    assert told_of(found, found[-2].index) != told[0]


def test_who_attests_a_version_is_named_and_opens_nothing_before_its_entry(
    workspace: Workspace,
) -> None:
    text = encode({**POLICY, "version": "old", "published_at": "2020-01-01T00:00:00Z"})
    seed = b"k" * 32
    attestation = Attestation(
        attester=attester_of("a notary", seed), evidence=Evidence(sha256="0" * 64), seed=seed
    )
    claimed = parse_policy(text.decode(), file="policy").published_at
    entry = attestation.entry(
        policy_said(text), claimed_at=claimed, origin=workspace.settings.origin
    )
    now = parse_instant("2024-09-20T00:00:00Z")
    record_at(workspace, now, [entry], [text])
    (found,) = LiveWorkspace(workspace).publications()
    assert (found.by, found.entered, found.version.published_at) == ("a notary", now, claimed)
    changed = changed_by([found], found.index)
    assert changed.opens
    assert not changed.closes
    assert all(version.published_at == now for version in changed.new.versions)


def test_the_status_says_what_waits_to_be_published(workspace: Workspace) -> None:
    live = LiveWorkspace(workspace)
    live.publish()
    assert live.status().backlog == 0
    live.record("ana", "joined")
    status = live.status()
    assert status.backlog == 2
    assert status.published is not None
    assert status.published.size == status.size - 2
    live.publish()
    assert (live.status().backlog, live.status().trouble) == (0, None)
