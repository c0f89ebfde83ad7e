# SPDX-License-Identifier: Apache-2.0
"""What in one policy version can never matter (specs/policy.md part 5).

A version is asked about finitely many kinds of request: a purpose, a category and a role, all terms of
the vocabulary. So whether a rule, a setting, a default line or an obligation can ever make a difference
is found by trying them all, never by guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from privity.canonical.instants import Instant
from privity.policy.covered import (
    Cell,
    all_cells,
    asked_already,
    asked_together,
    bitten,
    contained,
    covered_together,
    wider_than,
)
from privity.policy.findings import Finding, Place, error, note, warning
from privity.policy.model import Rule, Setting, Version, any_in
from privity.vocabulary.places import changes, codes
from privity.vocabulary.terms import (
    CATEGORIES,
    PURPOSES,
    ROLES,
    Tree,
    in_short,
    quoted,
    unknown,
)


def always_forbidden(version: Version, setting: Setting) -> tuple[str, ...]:
    """Give those of a setting's categories in which forbid rules bite all that it governs."""
    governed = contained(setting.scope)
    return tuple(
        term
        for term in setting.scope.categories or ()
        if all(
            version.forbids(*cell) for cell in governed if CATEGORIES.contains(term, cell[1])
        )
    )


def idle_findings(version: Version, place: Place) -> Iterator[Finding]:
    """Give what can never matter in a version, and what it names and does not have."""
    if not version.settings:
        yield warning(
            "policy-check/no-settings",
            f"version {quoted(version.version)} has no settings, so it permits nothing",
            place("settings"),
        )
    for setting in version.settings.values():
        yield from _setting(version, setting, place)
    yield from _unused_notices(version, place)
    yield from _rules(version, place)
    if version.settings:
        yield from _obligations(version, place)
        yield from _audience(version, place)


# --- settings


def _setting(version: Version, setting: Setting, place: Place) -> Iterator[Finding]:
    path = f"settings.{in_short(setting.id)}"
    name = f"setting {quoted(setting.id)}"
    yield from _notice(version, setting, path, place)
    forbidden = always_forbidden(version, setting)
    if len(forbidden) == len(setting.scope.categories or ()):
        yield warning(
            "policy-check/setting-forbidden",
            f"{name} can never permit anything: forbid rules bite all that it governs",
            place(path),
        )
    else:
        for term in forbidden:
            yield note(
                "policy-check/category-forbidden",
                f"{quoted(term)} of {name} is never permitted: forbid rules bite all of it",
                place(f"{path}.categories[{(setting.scope.categories or ()).index(term)}]"),
            )
    if _exempt_everywhere(setting, version.start):
        yield warning(
            "policy-check/setting-exempt",
            f"{name} can never permit anything: every place is exempt",
            place(f"{path}.exempt"),
        )
    if setting.age_proof and setting.minimum_age is None:
        yield warning(
            "policy-check/idle-age-proof",
            f"{name} asks for a proof of age and names no `minimum_age`",
            place(f"{path}.age_proof"),
        )
    yield from _silence(setting, path, place)
    yield from _explicit_only(version, setting, path, place)
    yield from _repeated_terms(setting, path, place)


def _notice(version: Version, setting: Setting, path: str, place: Place) -> Iterator[Finding]:
    if setting.notice is None:
        yield warning(
            "policy-check/setting-without-notice",
            f"setting {quoted(setting.id)} has no notice: it has reached nobody and can never "
            "permit anything",
            place(path),
            "name a notice of `notices`",
        )
    elif setting.notice not in version.notices:
        near = unknown("notice", setting.notice, version.notices)
        yield error(
            "policy-check/unknown-notice",
            f"setting {quoted(setting.id)} names a notice that the policy does not have: "
            f"{near.message}",
            place(f"{path}.notice"),
            near.hint,
        )


def _exempt_everywhere(setting: Setting, start: Instant) -> bool:
    return bool(setting.exempt) and all(
        any_in((code,), setting.exempt, at)
        for code in codes()
        for at in (start, *(edge for edge in changes(code) if edge > start))
    )


def _silence(setting: Setting, path: str, place: Place) -> Iterator[Finding]:
    """Look at what silence means: the default, and what only a default asks for."""
    name = f"setting {quoted(setting.id)}"
    matched, working = lines_that_work(setting)
    for index in range(len(setting.default)):
        if index not in working:
            why = (
                "every place that it is for is exempt"
                if index in matched
                else "earlier lines match every place that it is for"
            )
            yield warning(
                "policy-check/idle-default",
                f"line {index + 1} of the default of {name} can never matter: {why}",
                place(f"{path}.default[{index}]"),
            )
    silent = not any(setting.default[index].on for index in working)
    if setting.objection_window and (silent or setting.notice is None):
        why = "silence is a yes nowhere" if silent else "there is no notice that opens it"
        yield warning(
            "policy-check/idle-window",
            f"the objection window of {name} can never matter: {why}",
            place(f"{path}.objection_window"),
        )


def _explicit_only(
    version: Version, setting: Setting, path: str, place: Place
) -> Iterator[Finding]:
    working = lines_that_work(setting)[1]
    silent = not any(setting.default[index].on for index in working)
    governed = [cell for cell in contained(setting.scope) if not version.forbids(*cell)]
    for index, term in enumerate(setting.explicit_only):
        where = place(f"{path}.explicit_only[{index}]")
        called = f"{quoted(term)} in `explicit_only` of setting {quoted(setting.id)}"
        if silent:
            why = "silence is a yes nowhere"
        elif not CATEGORIES.any_overlaps(setting.scope.categories or (), term):
            why = "the setting does not govern it"
        else:
            if not any(CATEGORIES.overlaps(term, cell[1]) for cell in governed):
                yield note(
                    "policy-check/idle-rule",
                    f"{called} guards what forbid rules bite all of",
                    where,
                )
            continue
        yield warning(
            "policy-check/idle-explicit-only", f"{called} can never matter: {why}", where
        )


def lines_that_work(setting: Setting) -> tuple[set[int], set[int]]:
    """Give the default lines that are the first to match somewhere, and those not exempt there."""
    matched: set[int] = set()
    working: set[int] = set()
    for code in codes() if setting.default else ():
        edges = changes(code)
        for at in (edges[0] - 1, *edges) if edges else (0,):
            for index, line in enumerate(setting.default):
                if line.places is None or any_in((code,), line.places, at):
                    matched.add(index)
                    if not any_in((code,), setting.exempt, at):
                        working.add(index)
                    break
    return matched, working


def _repeated_terms(setting: Setting, path: str, place: Place) -> Iterator[Finding]:
    lists: tuple[tuple[str, Tree, Sequence[str]], ...] = (
        ("purposes", PURPOSES, setting.scope.purposes or ()),
        ("categories", CATEGORIES, setting.scope.categories or ()),
        ("recipients", ROLES, setting.scope.recipients or ()),
        ("explicit_only", CATEGORIES, setting.explicit_only),
    )
    for key, tree, terms in lists:
        for index, term in enumerate(terms):
            others = [*terms[:index], *(one for one in terms[index + 1 :] if one != term)]
            wider = next((one for one in others if tree.contains(one, term)), None)
            if wider is not None:
                yield note(
                    "policy-check/repeated-term",
                    f"{quoted(term)} adds nothing to `{path}.{key}`: {quoted(wider)} contains it",
                    place(f"{path}.{key}[{index}]"),
                )


# --- notices, rules, obligations, parties


def _unused_notices(version: Version, place: Place) -> Iterator[Finding]:
    used = {setting.notice for setting in version.settings.values()}
    for name in version.notices:
        if name not in used:
            yield warning(
                "policy-check/unused-notice",
                f"notice {quoted(name)} tells of no setting: none names it",
                place(f"notices.{in_short(name)}"),
            )


def _rules(version: Version, place: Place) -> Iterator[Finding]:
    grounds = frozenset[Cell]().union(
        *(contained(setting.scope) for setting in version.settings.values())
    )
    none = frozenset[Cell]()
    yield from _list_of_rules(
        version.forbid, "forbid", "forbid rule {}", (grounds, none), place
    )
    forbidden = frozenset(cell for cell in all_cells() if version.forbids(*cell))
    for agreement in version.agreements.values():
        path = f"agreements.{in_short(agreement.id)}.promises"
        called = f"promise {{}} of agreement {quoted(agreement.id)}"
        cells = (grounds, forbidden)
        yield from _list_of_rules(agreement.promises, path, called, cells, place)


def _list_of_rules(
    rules: Sequence[Rule],
    path: str,
    called: str,
    cells: tuple[frozenset[Cell], frozenset[Cell]],
    place: Place,
) -> Iterator[Finding]:
    """Look over rules; `cells` are those that settings govern, and those that are forbidden anyway."""
    grounds, forbidden = cells
    together = covered_together(rules)
    for index, rule in enumerate(rules):
        name = called.format(quoted(rule.id))
        where = place(f"{path}[{index}]")
        earlier = rules[:index]
        if rule.id in {one.id for one in earlier}:
            yield error(
                "policy-check/rule-repeated",
                f"{name} has the id of an earlier one, expected an id of its own",
                where,
            )
        wider = wider_than(rule, rules, index)
        if wider is not None:
            yield warning(
                "policy-check/covered-rule",
                f"{name} can never matter: {quoted(wider.id)} bites wherever it does",
                where,
            )
        elif index in together:
            yield warning(
                "policy-check/covered-rule",
                f"{name} can never matter: others together bite wherever it does",
                where,
            )
        elif not bitten(rule.scope) & grounds:
            yield note(
                "policy-check/idle-rule",
                f"{name} bites nothing that a setting governs: it guards against settings "
                "to come",
                where,
            )
        elif bitten(rule.scope) & grounds <= forbidden:
            yield note(
                "policy-check/idle-rule",
                f"{name} guards only what forbid rules forbid anyway",
                where,
            )


def _obligations(version: Version, place: Place) -> Iterator[Finding]:
    permitted = {
        cell
        for setting in version.settings.values()
        for cell in contained(setting.scope)
        if not version.forbids(*cell)
    }
    together = asked_together(version.obligations, permitted)
    for index, rule in enumerate(version.obligations):
        where = place(f"obligations[{index}]")
        if not bitten(rule.scope) & permitted:
            yield warning(
                "policy-check/idle-obligation",
                f"obligation {index + 1} can never matter: nothing that it is for is permitted",
                where,
            )
        elif asked_already(rule, version.obligations, index):
            yield warning(
                "policy-check/covered-obligation",
                f"obligation {index + 1} can never matter: another asks the same wherever it does",
                where,
            )
        elif index in together:
            yield warning(
                "policy-check/covered-obligation",
                f"obligation {index + 1} can never matter: others together ask the same wherever "
                "anything is permitted",
                where,
            )


def _audience(version: Version, place: Place) -> Iterator[Finding]:
    if version.group_audience and not any(
        setting.scope.categories is not None
        and CATEGORIES.any_contains(setting.scope.categories, "group-message")
        for setting in version.settings.values()
    ):
        yield warning(
            "policy-check/idle-parties",
            "`parties` asks the audience of group messages, which no setting governs",
            place("parties.group-message"),
        )
