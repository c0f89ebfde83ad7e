# SPDX-License-Identifier: Apache-2.0
"""Croissant 1.1: what machines read about a release ([REL-50]; the format is MLCommons').

Files stand with their digests, so that whoever reads by it reads what the log speaks of; the set of files names each, since
a folder may still have what was taken back until it is swept. It has no example and no statistic of any record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privity.canonical.instants import format_instant
from privity.release.described import Described
from privity.release.files import Manifest
from privity.release.papers.making import Column, Making
from privity.release.papers.offer import CONTEXT, offer

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
PAGE: Final = "card.html"
_PARQUET: Final = "application/x-parquet"
_FILES: Final = "files"
_RECORDS: Final = "records"

_CROISSANT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "annotation": "cr:annotation",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "excludes": "cr:excludes",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "readLines": "cr:readLines",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "sdVersion": "cr:sdVersion",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
    "unArchive": "cr:unArchive",
    "value": "cr:value",
}
"""The context of the specification's appendix, with the prefixes of what is used beside it."""


def croissant(making: Making, described: Described, manifest: Manifest) -> dict[str, Any]:
    """Give the metadata of a release, as JSON-LD.

    Args:
        making: How it was made.
        described: What the log says of it.
        manifest: The files of its table.
    """
    created, name = described.created, described.name
    usage = offer(making, described)
    return {
        "@context": {**_CROISSANT, **CONTEXT},
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": name,
        "description": (
            f"Records that everybody in them agreed to give to {created.recipient} for {created.purpose}: "
            f"release {name}, revision {described.revision}, of the log {described.origin}."
        ),
        "url": PAGE,
        "version": f"{described.revision}.0.0",
        "license": {
            "@type": "CreativeWork",
            "name": "No licence: use as usageInfo says, by its recipient alone",
        },
        "citeAs": f"{described.origin}, release {name}, revision {described.revision}, entry {described.index}",
        "creator": {"@type": "Organization", "name": _creator(making, described)},
        "datePublished": format_instant(making.at),
        "isLiveDataset": False,
        "usageInfo": usage,
        **_provenance(making, described),
        **_responsible(making, described),
        "distribution": [*_objects(manifest), _set(manifest)],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": _RECORDS,
                "description": "One record a row, as the gate let it through.",
                "field": [_field(one) for one in making.columns],
            }
        ],
    }


def _creator(making: Making, described: Described) -> str:
    return described.origin if making.terms is None else making.terms.controller


def _provenance(making: Making, described: Described) -> Mapping[str, Any]:
    return {
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": f"clearing {described.created.clearing}",
            "prov:wasAssociatedWith": {
                "@type": "prov:SoftwareAgent",
                "prov:label": making.program,
            },
        },
        "prov:wasDerivedFrom": [{"@id": f"urn:sha256:{one}"} for one in making.inputs],
    }


def _responsible(making: Making, described: Described) -> Mapping[str, Any]:
    """Give what the Responsible AI extension asks of a set with personal data."""
    created = described.created
    done = f"Done before it was handed over: {', '.join(making.performed)}."
    return {
        "rai:dataUseCases": f"{created.purpose}, by {created.recipient}, and nothing wider",
        "rai:dataLimitations": (
            "What members refused is not in it, so that it is no fair sample of them: card.html says what was "
            "refused and why."
        ),
        "rai:personalSensitiveInformation": (
            "It has what members wrote and what says who wrote it. "
            + (done if making.performed else "Nothing of it was changed.")
        ),
        "rai:dataReleaseMaintenancePlan": (
            "Records are taken back when a member says no: the release gets another revision, and whoever has a "
            "copy deletes them in it. `privity release check` says whether it still stands."
        ),
    }


def _objects(manifest: Manifest) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": f"table/{one.path}",
            "name": one.path,
            "contentUrl": f"table/{one.path}",
            "contentSize": f"{one.size} B",
            "encodingFormat": _PARQUET,
            "sha256": one.sha256,
        }
        for one in manifest.lines
    ]


def _set(manifest: Manifest) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": _FILES,
        "name": _FILES,
        "description": "The files of the table; others in its folder are not of it.",
        "encodingFormat": _PARQUET,
        "includes": [f"table/{one.path}" for one in manifest.lines],
    }


def _field(column: Column) -> dict[str, Any]:
    kind, many = _kind(column.kind)
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{_RECORDS}/{column.name}",
        "name": column.name,
        "dataType": kind,
        "source": {"fileSet": {"@id": _FILES}, "extract": {"column": column.name}},
    }
    return {**found, "isArray": True, "arrayShape": "-1"} if many else found


def _kind(arrow: str) -> tuple[str, bool]:
    """Give the data type of a column, and whether it has many of it."""
    if arrow.startswith("list<") and arrow.endswith(">"):
        return _kind(arrow[len("list<") : -1].partition(": ")[2].removesuffix(" not null"))[
            0
        ], True
    for begins, kind in _KINDS:
        if arrow.startswith(begins):
            return kind, False
    return "sc:Text", False


_KINDS: Final = (
    ("bool", "sc:Boolean"),
    ("int", "sc:Integer"),
    ("float", "sc:Float"),
    ("double", "sc:Float"),
    ("decimal", "sc:Float"),
    ("timestamp", "sc:DateTime"),
    ("date", "sc:Date"),
)
"""What an Arrow type's name begins with, and its data type; all others are text."""
