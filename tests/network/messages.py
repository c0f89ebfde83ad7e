# SPDX-License-Identifier: Apache-2.0
"""Collect every text that the pages show, and keep the catalogues that translate them (docs/web.md).

`make messages` brings each catalogue to what the code says now: what is new comes without a translation, and what no longer
is goes. `make messages LOCALE=fr` begins another. gettext's own programs are not needed.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = {"privity": ROOT / "src" / "privity", "network": ROOT / "src" / "network"}
PLACES: Final = {
    "privity": ROOT / "src" / "privity" / "web" / "locale",
    "network": ROOT / "src" / "network" / "locale",
}
_SAYING: Final = frozenset({"django.utils.translation", "privity.vocabulary.sentences"})
_HEAD: Final = """\
# SPDX-License-Identifier: Apache-2.0
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: nplurals={count}; plural={form};\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_NO_TIME: Final = datetime(2024, 1, 1, tzinfo=UTC)
_ONE: Final = frozenset({"gettext", "gettext_lazy", "gettext_noop", "say"})
_COUNTED: Final = frozenset({"ngettext", "ngettext_lazy", "say_count"})
_LITERAL: Final = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_IN_TEMPLATE: Final = re.compile(rf"\b(n?gettext|_)\({_LITERAL}(?:,\s*{_LITERAL})?")


@dataclass(frozen=True, order=True)
class Message:
    """A text to be translated; where something is counted, both of its forms."""

    one: str
    many: str = ""

    @property
    def id(self) -> Any:
        return (self.one, self.many) if self.many else self.one


def collected(part: str) -> Mapping[Message, tuple[str, ...]]:
    """Give every message of a part of the code, with the files that say it."""
    found: dict[Message, set[str]] = {}
    for place, message in _found(SOURCES[part]):
        found.setdefault(message, set()).add(place.relative_to(ROOT / "src").as_posix())
    return {message: tuple(sorted(places)) for message, places in sorted(found.items())}


def _found(folder: Path) -> Iterator[tuple[Path, Message]]:
    for path in sorted(folder.rglob("*.py")):
        for message in _in_python(path):
            yield path, message
    for path in sorted(folder.rglob("templates/**/*.*")):
        for message in _in_template(path):
            yield path, message
    for name in ("vocabulary/data/vocabulary.json", "decide/explain/sentences.json"):
        path = folder / name
        if path.exists():
            for text in _in_data(json.loads(path.read_text(encoding="utf-8"))):
                yield path, Message(text)


def _in_python(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        one.asname or one.name: one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in _SAYING
        for one in node.names
    }
    # Where it is made, and where Django's own cannot be asked yet.
    named |= {
        node.name: node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name in _ONE | _COUNTED
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        counted = named.get(node.func.id) in _COUNTED
        if counted or named.get(node.func.id) in _ONE:
            said = node.args[: 2 if counted else 1]
            texts = [one.value for one in said if isinstance(one, ast.Constant)]
            if texts:
                yield Message(*map(str, texts))
            elif named[node.func.id] != "say":
                message = f"{path}:{node.lineno}: no literal is translated here"
                raise ValueError(message)


def _in_template(path: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize  # noqa: PLC0415 - Django is set up by now

    for found in _IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"))):
        counted, one, many = found.groups()
        texts = [ast.literal_eval(text) for text in (one, many) if text]
        yield Message(*texts[: 2 if counted == "ngettext" else 1])


def _in_data(data: Mapping[str, Any]) -> Iterator[str]:
    """Give what of the core's data is said to members."""
    if "another_party" not in data:  # the sentences of causes
        for variants in data.values():
            for entry in variants.values():
                said = entry.get("member", {})
                yield from (said,) if isinstance(said, str) and said else dict(said).values()
                if "member_remedy" in entry:
                    yield entry["member_remedy"]
        return
    yield data["another_party"]
    for table in ("categories", "purposes", "roles", "obligations"):
        yield from (entry["label"] for entry in data[table].values())
    yield from (entry["member"] for entry in data["reasons"].values())


# --- catalogues


def languages(part: str) -> tuple[str, ...]:
    """Give the languages of which there is a catalogue."""
    return tuple(sorted(one.parts[-3] for one in PLACES[part].glob("*/LC_MESSAGES/django.po")))


def place_of(part: str, language: str) -> Path:
    """Give where a catalogue is kept, as people edit it."""
    return PLACES[part] / language / "LC_MESSAGES" / "django.po"


def read(part: str, language: str) -> Catalog:
    """Read a catalogue."""
    with place_of(part, language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def brought_up(part: str, language: str) -> Catalog:
    """Give a catalogue of all that the code says now, with the translations that there are."""
    known = read(part, language) if place_of(part, language).exists() else Catalog()
    made = empty(language)
    for message, places in collected(part).items():
        kept = known.get(message.id)
        made.add(
            message.id,
            kept.string if kept is not None and kept.id == message.id else "",
            locations=[(place, 0) for place in places],
        )
    return made


def empty(language: str) -> Catalog:
    """Give a catalogue with nothing in it; who changed it when, the repository knows."""
    return Catalog(
        locale=language, domain="django", project="Privity", fuzzy=False,
        creation_date=_NO_TIME, revision_date=_NO_TIME,
    )  # fmt: skip


def po(catalog: Catalog) -> bytes:
    """Write a catalogue as people edit it."""
    data = io.BytesIO()
    write_po(data, catalog, width=120, include_lineno=False, omit_header=True)
    head = _HEAD.format(
        language=catalog.locale, count=catalog.num_plurals, form=catalog.plural_expr
    )
    return head.encode() + data.getvalue()


def mo(catalog: Catalog) -> bytes:
    """Write a catalogue as programs read it."""
    data = io.BytesIO()
    write_mo(data, catalog)
    return data.getvalue()


def places_in(text: str) -> frozenset[str]:
    """Give the names of the places in a template, of either making."""
    percent = set(re.findall(r"%\((\w+)\)s", text))
    braces = {
        name for _, name, _, _ in Formatter().parse(re.sub(r"%\(\w+\)s", "", text)) if name
    }
    return frozenset(percent | braces)


def main(wanted: list[str]) -> None:
    """Bring every catalogue, and those that are wanted, to what the code says."""
    import django  # noqa: PLC0415 - only here it is not set up
    from django.conf import settings  # noqa: PLC0415 - likewise

    settings.configure(USE_I18N=True)
    django.setup()
    for part in SOURCES:
        for language in sorted({*languages(part), *wanted}):
            catalog = brought_up(part, language)
            place = place_of(part, language)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(po(catalog))
            place.with_suffix(".mo").write_bytes(mo(catalog))
            missing = sum(1 for one in catalog if one.id and not any(as_texts(one.string)))
            told = (
                f"{part}, {language}: {len(catalog)} messages, {missing} without a translation"
            )
            sys.stdout.write(f"{told}\n")


def as_texts(string: Any) -> tuple[str, ...]:
    """Give a translation's forms."""
    return (string,) if isinstance(string, str) else tuple(string or ())


if __name__ == "__main__":
    main(sys.argv[1:])
