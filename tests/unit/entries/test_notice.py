# SPDX-License-Identifier: Apache-2.0
"""A notice that a policy describes becomes its entry."""

from __future__ import annotations

from privity.entries.notice import NoticeEntry
from privity.policy.model import Notice


def test_the_entry_says_what_the_policy_says() -> None:
    """[ENT-43]"""
    notice = Notice(
        id="n", effective_at=5, url="https://example.com", sha256="0" * 64, languages=("en",)
    )
    entry = NoticeEntry.of(notice)
    assert entry.to_payload() == {
        "id": "n",
        "effective_at": 5,
        "url": "https://example.com",
        "sha256": "0" * 64,
        "languages": ["en"],
    }
    assert NoticeEntry.of(Notice(id="n", effective_at=5)).to_payload() == {
        "id": "n",
        "effective_at": 5,
    }
