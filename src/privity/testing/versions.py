# SPDX-License-Identifier: Apache-2.0
"""Random versions of one policy: a first one, and each later one a change of the one before.

What matters to a grant is what stayed the same from one version to the next, so a later version is a
copy with few changes rather than another draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from privity.canonical.instants import format_instant
from privity.testing.chance import DAY, LONG_AGO, Chance
from privity.vocabulary.terms import CATEGORIES, OBLIGATIONS

SETTINGS: Final = ("genai-improvement", "messages", "posts")
NOTICES: Final = ("genai", "messages", "old")
AGREEMENTS: Final = ("subscription", "beta")
_PURPOSES: Final = (
    ["genai-training"],
    ["model-training"],
    ["genai-training", "personalisation"],
    ["processing"],
    ["genai-training"],
    ["personalisation"],
)
_CATEGORIES: Final = (
    ["content"],
    ["profile", "public-content", "group-message", "private-message", "ai-input"],
    ["public-content", "message"],
    ["post", "article", "comment", "inmail", "direct-message"],
    ["private-message"],
    ["public-content"],
)
_ROLES: Final = (
    ["controller", "affiliate", "processor", "third-party"],
    ["controller", "affiliate", "third-party"],
    ["controller", "affiliate"],
    ["controller"],
)
_EXEMPT: Final[tuple[list[str], ...]] = (
    [],
    ["GB"],
    ["exempt"],
    ["EU"],
    ["EEA", "HK"],
    ["wide"],
)
_DEFAULTS: Final[tuple[list[dict[str, Any]], ...]] = (
    [{"value": "on"}],
    [{"in": ["IN"], "value": "off"}, {"value": "on"}],
    [{"in": ["EU"], "value": "off"}, {"value": "on"}],
    [{"in": ["US", "GB", "HK"], "value": "on"}],
    [{"in": ["wide"], "value": "off"}, {"in": ["US"], "value": "on"}],
    [{"value": "off"}],
    [],
)
_EXPLICIT: Final[tuple[list[str], ...]] = (
    [],
    ["private-message"],
    ["inmail"],
    ["message"],
    ["content"],
)
_WINDOWS: Final = ("P1D", None, "P0D", "P30D", "P100D")
_AGES: Final = (18, None, 13, 16)


def random_policies(chance: Chance) -> tuple[Mapping[str, Any], ...]:
    """Make one to four versions, as plain mappings that `version_from` reads, in any order."""
    version = _first(chance)
    versions = [version]
    for number in range(2, chance.count(1, 4) + 1):
        version = deepcopy(version)
        version["version"] = str(number)
        _date(chance, version, first=False)
        for _ in range(chance.one((0, 1, 1, 2, 3))):
            chance.one(_MILD if chance.often(chance.calm) else _CHANGES)(chance, version)
        versions.append(version)
    chance.random.shuffle(versions)
    return tuple(versions)


def _first(chance: Chance) -> dict[str, Any]:
    version: dict[str, Any] = {
        "policy": "genai-training",
        "version": "1",
        "controller": "network",
        "groups": {"exempt": ["EU", "EEA", "CH", "GB"], "wide": ["exempt", "CA", "HK"]},
        "settings": {},
        "notices": {
            name: {"effective_at": _instant(chance, early=0.9)}
            for name in NOTICES
            if not chance.wrong(0.3)
        },
    }
    _date(chance, version, first=True)
    count = 0 if chance.wrong(0.06) else chance.one((1, 1, 1, 1, 2, 2, 3))
    for name in SETTINGS[:count]:
        version["settings"][name] = _setting(chance, main=name == SETTINGS[0])
    for change, share in ((_agreements, 0.8), (_forbid, 0.4), (_obligations, 0.7)):
        if chance.often(share):
            change(chance, version)
    if chance.often(0.2):
        _parties(chance, version)
    return version


def _date(chance: Chance, version: dict[str, Any], *, first: bool) -> None:
    """Date a version: from its publication, mostly; else dated back, or pending."""
    published = chance.near(chance.one(chance.early if first else chance.early + chance.late))
    effective = published
    if chance.often(0.15):
        effective = chance.moment()
    if first and chance.often(0.2):
        published = effective = LONG_AGO
    version["published_at"] = format_instant(published)
    version["effective_at"] = format_instant(effective)


def _setting(chance: Chance, *, main: bool) -> dict[str, Any]:
    """Make a setting; a main one is about most of what is asked."""
    draw = chance.usual if main else chance.one
    setting: dict[str, Any] = {
        "label": "Data for Generative AI Improvement",
        "purposes": draw(_PURPOSES[:4] if main else _PURPOSES),
        "categories": draw(_CATEGORIES),
        "recipients": draw(_ROLES),
        "live_from": _instant(chance, early=0.95),
        "exempt": chance.usual(_EXEMPT),
        "default": chance.usual(_DEFAULTS),
        "explicit_only": chance.usual(_EXPLICIT),
        "notice": chance.usual(NOTICES),
    }
    if chance.wrong(0.1):
        del setting["notice"]
    _window(chance, setting)
    _age(chance, setting)
    return setting


def _window(chance: Chance, setting: dict[str, Any]) -> None:
    window = chance.usual(_WINDOWS)
    setting.pop("objection_window", None)
    if window is not None:
        setting["objection_window"] = window


def _age(chance: Chance, setting: dict[str, Any]) -> None:
    age = chance.usual(_AGES)
    setting.pop("minimum_age", None)
    setting.pop("age_proof", None)
    if age is not None:
        setting["minimum_age"] = age
    if chance.wrong(0.3):
        setting["age_proof"] = "required"


def _instant(chance: Chance, *, early: float) -> str:
    if chance.often(early):
        return format_instant(chance.one((LONG_AGO, *chance.early)))
    return format_instant(chance.moment())


def _scope(chance: Chance) -> dict[str, Any]:
    """Make the lists of a rule that refuses; a list left out means all."""
    scope: dict[str, Any] = {"categories": chance.some(tuple(CATEGORIES), most=2)}
    if chance.often(0.5):
        scope["recipients"] = chance.one((["third-party"], ["affiliate", "third-party"]))
    if chance.often(0.4):
        scope["purposes"] = chance.one((["model-training"], ["genai-training"], ["safety"]))
    if chance.wrong(0.1):
        del scope["categories"]
    return scope


# Changes from one version to the next


def _change_setting(chance: Chance, version: dict[str, Any]) -> None:
    """Draw some keys of a setting anew."""
    if not version["settings"]:
        return
    name = chance.one(sorted(version["settings"]))
    setting = version["settings"][name]
    drawn = _setting(chance, main=name == SETTINGS[0])
    for key in chance.some(sorted(setting.keys() | drawn.keys()), most=2):
        if key in drawn:
            setting[key] = drawn[key]
        elif key in ("notice", "objection_window", "minimum_age", "age_proof"):
            del setting[key]


def _drop_setting(chance: Chance, version: dict[str, Any]) -> None:
    if len(version["settings"]) > 1 or (version["settings"] and chance.wrong(0.5)):
        del version["settings"][max(version["settings"])]


def _rename_setting(chance: Chance, version: dict[str, Any]) -> None:
    if version["settings"]:
        name = chance.one(sorted(version["settings"]))
        version["settings"][chance.one(SETTINGS)] = version["settings"].pop(name)


def _add_setting(chance: Chance, version: dict[str, Any]) -> None:
    version["settings"].setdefault(chance.one(SETTINGS), _setting(chance, main=False))


def _change_notice(chance: Chance, version: dict[str, Any]) -> None:
    name = chance.one(NOTICES)
    if chance.often(0.2):
        version["notices"].pop(name, None)
    else:
        version["notices"][name] = {"effective_at": _instant(chance, early=0.5)}


def _agreements(chance: Chance, version: dict[str, Any]) -> None:
    version["agreements"] = {
        name: {
            "promises": [
                {"id": f"promise-{number}", "forbid": _scope(chance)}
                for number in range(chance.count(0, 2))
            ]
        }
        for name in chance.some(AGREEMENTS)
    }


def _forbid(chance: Chance, version: dict[str, Any]) -> None:
    version["forbid"] = [{"id": "no-credentials", "categories": ["credentials"]}]
    if chance.wrong(0.6):
        version["forbid"].append({"id": "further", **_scope(chance)})
    if chance.often(0.3):
        del version["forbid"]


def _obligations(chance: Chance, version: dict[str, Any]) -> None:
    version["obligations"] = [
        {"do": chance.some(OBLIGATIONS), **(_scope(chance) if chance.often(0.7) else {})}
        for _ in range(chance.count(0, 3))
    ]


def _parties(chance: Chance, version: dict[str, Any]) -> None:
    version["parties"] = {"group-message": chance.one(("all", "author"))}


def _window_only(chance: Chance, version: dict[str, Any]) -> None:
    for setting in version["settings"].values():
        _window(chance, setting)


def _live_only(chance: Chance, version: dict[str, Any]) -> None:
    """Date settings anew: back, or to a day to come."""
    for setting in version["settings"].values():
        setting["live_from"] = format_instant(chance.moment() - chance.one((0, 0, DAY)))


_Change = Callable[[Chance, dict[str, Any]], None]

_MILD: Final[tuple[_Change, ...]] = (_agreements, _obligations, _parties, _window_only, _forbid)
_CHANGES: Final[tuple[_Change, ...]] = (
    *_MILD,
    *(_change_setting,) * 4,
    *(_change_notice,) * 2,
    _drop_setting,
    _rename_setting,
    _add_setting,
    _live_only,
)
