# SPDX-License-Identifier: Apache-2.0
"""A version is published when its entry is: nobody dates one back, and no name is used twice."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size
from tests.unit.app.workspace.test_importing import ATTESTED

from privity.app.workspace.knowing import gather
from privity.app.workspace.public import public_entries
from privity.app.workspace.publishing import (
    Texts,
    draft_policy,
    publish_policy,
    published_before,
)
from privity.canonical.instants import format_instant
from privity.entries.agreement import AgreementEntry
from privity.entries.attested import AttestedEntry
from privity.entries.notice import NoticeEntry
from privity.entries.policy import PolicyEntry
from privity.errors import ConflictError, InputError, PrivityError
from privity.testing.plain import policy

DAY = 86_400


def put(path: Path, *, gone: tuple[str, ...] = ("published_at",), **keys: Any) -> Path:
    """Write a version that takes effect now, without the instants that are gone."""
    version = {**policy(), "effective_at": format_instant(NOW), **keys}
    path.write_text(json.dumps({key: one for key, one in version.items() if key not in gone}))
    return path


def publish(workspace: Any, path: Path, **given: Any) -> Any:
    return publish_policy(workspace, draft_policy(workspace, path, **given))


def test_a_version_is_published_at_the_time_of_its_entry(tmp_path: Path, opened: Open) -> None:
    path = put(tmp_path / "p.yaml")
    with opened() as workspace:
        made = publish(workspace, path)
        [entry] = public_entries(workspace, PolicyEntry.STREAM)
        assert (made.first, entry.index, made.count) == (1, 1, 1)
        assert isinstance(entry.says, PolicyEntry)
        assert entry.says.sha256 == sha256(path.read_bytes()).hexdigest()
        assert workspace.store.object(entry.says.sha256) == path.read_bytes()
        [version] = gather(workspace).known(at=LATER).policy.versions
        assert (version.published_at, version.effective_at) == (NOW, NOW)


def test_a_version_may_say_that_it_is_published_now_and_begin_later(
    tmp_path: Path, opened: Open
) -> None:
    path = put(
        tmp_path / "p.yaml",
        gone=(),
        published_at=format_instant(NOW),
        effective_at=format_instant(LATER),
    )
    with opened() as workspace:
        publish(workspace, path)


@pytest.mark.parametrize("names", [("9", "10"), ("10", "9"), ("v2", "v10"), ("b", "a")])
def test_of_two_of_one_second_the_later_entry_is_in_force(
    tmp_path: Path, opened: Open, names: tuple[str, str]
) -> None:
    """POL-31: whatever they are called; and nobody is told that the other one is."""
    with opened() as workspace:
        for name in names:
            path = put(tmp_path / f"{name}.json", version=name)
            draft = draft_policy(workspace, path)
            told = {
                one.code for one in draft.findings if one.where and one.where.file == str(path)
            }
            assert "policy-check/never-in-force" not in told
            publish_policy(workspace, draft)
        found = gather(workspace).known(at=NOW).policy
        in_force = found.in_force(NOW)
        assert in_force is not None
        assert in_force.version == names[1]
        assert [one.version for one in found.versions] == list(names)


@pytest.mark.parametrize(
    ("key", "at", "code"),
    [
        ("published_at", NOW - 1, "workspace/published-at"),
        ("published_at", NOW + 1, "workspace/published-at"),
        ("effective_at", NOW - 1, "workspace/back-dated"),
    ],
)
def test_nobody_says_when_a_version_was_published_or_dates_it_back(
    tmp_path: Path, opened: Open, key: str, at: int, code: str
) -> None:
    path = put(
        tmp_path / "p.yaml",
        gone=(),
        **{"published_at": format_instant(NOW), key: format_instant(at)},
    )
    with opened() as workspace:
        with pytest.raises(InputError) as caught:
            draft_policy(workspace, path)
        assert caught.value.code == code
        assert caught.value.where is not None
        assert caught.value.where.file == str(path)
        assert caught.value.where.line is not None
        assert size(workspace) == 1


def test_who_takes_long_to_answer_dates_nothing_back(tmp_path: Path, opened: Open) -> None:
    """What was looked at in time is asked again when it is recorded."""
    path = put(tmp_path / "p.yaml")
    with opened() as workspace:
        draft = draft_policy(workspace, path)
    with opened(LATER) as workspace:
        with pytest.raises(InputError, match="no version takes effect before it is published"):
            publish_policy(workspace, draft)
        assert size(workspace) == 1


def test_the_same_file_is_published_once(tmp_path: Path, opened: Open) -> None:
    path = put(tmp_path / "p.yaml")
    with opened() as workspace:
        assert published_before(workspace, path) is None
        first = publish(workspace, path)
    with opened(LATER) as workspace:
        again = published_before(workspace, path)
        assert again is not None
        assert (again.first, again.again) == (first.first, True)


def test_no_name_is_used_twice(tmp_path: Path, opened: Open) -> None:
    path = put(tmp_path / "p.yaml")
    other = put(tmp_path / "q.yaml", effective_at=format_instant(LATER))
    with opened() as workspace:
        publish(workspace, path)
        with pytest.raises(ConflictError, match="was published at 2024-10-01") as caught:
            draft_policy(workspace, other)
        assert caught.value.code == "workspace/version-used"


def test_a_workspace_has_one_policy(tmp_path: Path, opened: Open) -> None:
    other = put(tmp_path / "q.yaml", policy="another", version="2", gone=())
    with opened() as workspace:
        publish(workspace, put(tmp_path / "p.yaml"))
        for attested in (None, ATTESTED):
            with pytest.raises(InputError) as caught:
                draft_policy(workspace, other, attested=attested)
            assert caught.value.code == "policy/mixed"


def test_two_versions_do_not_come_between_each_other(tmp_path: Path, opened: Open) -> None:
    """What somebody agreed to was what it changed against the version of then."""
    first, second = put(tmp_path / "p.yaml"), put(tmp_path / "q.yaml", version="2")
    with opened() as workspace:
        draft = draft_policy(workspace, first)
        publish(workspace, second)
        with pytest.raises(ConflictError, match="another version was published") as caught:
            publish_policy(workspace, draft)
        assert caught.value.code == "workspace/policy-moved"
        publish(workspace, first)


def test_every_problem_of_a_text_is_counted_and_the_first_is_told(
    tmp_path: Path, opened: Open
) -> None:
    path = put(tmp_path / "p.yaml", gone=("published_at", "controller", "version"))
    with opened() as workspace, pytest.raises(InputError, match="no key") as caught:
        draft_policy(workspace, path)
    assert caught.value.hint == "1 more follow"


def test_a_draft_says_what_is_odd_and_what_it_changes(tmp_path: Path, opened: Open) -> None:
    with opened() as workspace:
        first = draft_policy(workspace, put(tmp_path / "p.yaml"))
        assert first.before.versions == ()
        assert [one.version for one in first.diff.new.versions] == [first.version.version]
        assert first.diff.opens
        publish_policy(workspace, first)
        same = draft_policy(
            workspace, put(tmp_path / "q.yaml", version="2", forbid=[{"id": "none"}])
        )
        assert not same.diff.opens
        assert same.diff.closes
        assert {one.level for one in same.findings} >= {"warning"}


def test_texts_go_with_a_version_once(tmp_path: Path, opened: Open) -> None:
    notice, contract = tmp_path / "notice", tmp_path / "contract"
    notice.write_text("what we do")
    contract.write_text("what we promise")
    texts = Texts(notices={"genai-2024-09": notice}, agreements={"subscription": contract})
    agreements = {
        "subscription": {"promises": [{"id": "mail", "forbid": {"categories": ["message"]}}]}
    }
    with opened() as workspace:
        made = publish(workspace, put(tmp_path / "p.yaml", agreements=agreements), texts=texts)
        assert made.count == 3
        second = put(tmp_path / "q.yaml", version="2", agreements=agreements)
        assert publish(workspace, second, texts=texts).count == 1
        [one] = public_entries(workspace, NoticeEntry.STREAM)
        [other] = public_entries(workspace, AgreementEntry.STREAM)
        assert isinstance(one.says, NoticeEntry)
        assert isinstance(other.says, AgreementEntry)
        assert one.says.sha256 == sha256(b"what we do").hexdigest()
        assert (other.says.promises, other.says.policy) == (("mail",), "genai-training")
        assert workspace.store.object(other.says.sha256) == b"what we promise"


@pytest.mark.parametrize(
    ("notice", "text", "what"),
    [
        ("other", b"text", "unknown notice `other`, expected one of `genai-2024-09`"),
        ("genai-2024-09", b"text", "has the SHA-256"),
        ("genai-2024-09", b"", "the text has no bytes"),
        ("genai-2024-09", None, "the text cannot be read"),
    ],
    ids=["unknown", "another", "empty", "missing"],
)
def test_a_text_that_is_not_the_versions_is_refused(
    tmp_path: Path, opened: Open, notice: str, text: bytes | None, what: str
) -> None:
    if text is not None:
        (tmp_path / "notice").write_bytes(text)
    notices = {"genai-2024-09": {"effective_at": format_instant(NOW), "sha256": "0" * 64}}
    path = put(tmp_path / "p.yaml", notices=notices)
    texts = Texts(notices={notice: tmp_path / "notice"}, agreements={})
    with opened() as workspace, pytest.raises(PrivityError) as caught:
        draft_policy(workspace, path, texts=texts)
    assert what in str(caught.value)


def test_what_was_published_before_is_attested(tmp_path: Path, opened: Open) -> None:
    path = put(
        tmp_path / "p.yaml",
        gone=(),
        published_at=format_instant(NOW - 9 * DAY),
        effective_at=format_instant(NOW - 9 * DAY),
    )
    with opened() as workspace:
        publish(workspace, path, attested=ATTESTED)
        [entry] = public_entries(workspace, AttestedEntry.STREAM)
        assert isinstance(entry.says, AttestedEntry)
        assert entry.says.statement.claimed_at == NOW - 9 * DAY
        gathered = gather(workspace)
        assert gathered.rules.versions == ()
        [text] = gathered.rules.texts
        assert (text.by, text.entered) == ("A. Auditor", NOW)
        assert published_before(workspace, path, attested=ATTESTED) is not None
        assert published_before(workspace, path) is None


def test_what_is_attested_is_compared_with_what_was_attested_before(
    tmp_path: Path, opened: Open
) -> None:
    """Each version follows those before it, whenever they entered: what a later one widens waits for its own notices."""
    paths = [
        put(
            tmp_path / f"{days}.yaml",
            gone=(),
            version=f"{days} days ago",
            published_at=format_instant(NOW - days * DAY),
            effective_at=format_instant(NOW - days * DAY),
        )
        for days in (90, 60, 30)
    ]
    names = [f"{days} days ago" for days in (90, 60, 30)]
    with opened() as workspace:
        for number, path in enumerate(paths):
            diff = draft_policy(workspace, path, attested=ATTESTED).diff
            assert [one.version for one in diff.old.versions] == names[:number]
            assert [one.version for one in diff.new.versions] == names[: number + 1]
            # As they claim, and not as they entered.
            assert diff.new.versions[0].published_at == NOW - 90 * DAY
            publish(workspace, path, attested=ATTESTED)


@pytest.mark.parametrize("published_at", [None, NOW + 1])
def test_who_attests_says_when_it_was_published_and_that_was_before(
    tmp_path: Path, opened: Open, published_at: int | None
) -> None:
    gone = ("published_at",) if published_at is None else ()
    path = put(tmp_path / "p.yaml", gone=gone, published_at=format_instant(published_at or 0))
    with opened() as workspace, pytest.raises(InputError) as caught:
        draft_policy(workspace, path, attested=ATTESTED)
    assert caught.value.code == "workspace/published-at"
