# SPDX-License-Identifier: Apache-2.0
"""A receipt of what somebody said, with the fields of ISO/IEC TS 27560:2023 by terms of the DPV, as JSON-LD (docs/web.md).

The profile is that of the W3C community group's guide (DPV 2.3, "Consent Records and Receipts as per ISO/IEC TS
27560:2023"). A receipt names the profile only where every mandatory field is there: some of them, such as an address, only the
platform can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from privity.canonical.instants import format_instant
from privity.decide.explain.consent import Consent, ConsentEvent, Said
from privity.vocabulary.dpv import Nearness, match_of, place_iri
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, Tree

PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#"
_CONTEXT: Final[Mapping[str, str]] = {
    "ai": "https://w3id.org/dpv/ai#",
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "loc": "https://w3id.org/dpv/loc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MATCH: Final[Mapping[Nearness, str]] = {
    Nearness.CLOSE: "skos:closeMatch",
    Nearness.BROAD: "skos:broadMatch",
    Nearness.NARROW: "skos:narrowMatch",
}
_STATUS: Final[Mapping[Said, str]] = {
    Said.GIVEN: "dpv:ConsentGiven",
    Said.RENEWED: "dpv:RenewedConsentGiven",
    Said.REFUSED: "dpv:ConsentRefused",
    Said.WITHDRAWN: "dpv:ConsentWithdrawn",
    Said.UNSET: "dpv:ConsentUnknown",
    Said.OBJECTED: "dpv:ConsentWithdrawn",
}
_METHOD: Final[Mapping[str, str]] = {
    "explicit": "the setting’s own page",
    "signal": "Global Privacy Control, sent by the browser",
}
_UNTIL: Final = "what was said next"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answerable:
    """Who answers for the use, and where: what a policy does not say.

    Attributes:
        origin: The log's name, of which identifiers are made.
        name: The controller's name, or None where nobody said it; so with all that follow.
        address: Its postal address.
        contact: How it is reached.
        storage_location: Where records lie, by ISO code or in words.
        storage_duration: Until when they are kept.
        exercised_at: The address at which a setting is switched.
        language: The language in which members are told.
    """

    origin: str
    name: str | None = None
    address: str | None = None
    contact: str | None = None
    storage_location: str | None = None
    storage_duration: str | None = None
    exercised_at: str | None = None
    language: str | None = None


def missing_fields(consent: Consent, answerable: Answerable) -> tuple[str, ...]:
    """Give the mandatory fields of ISO/IEC TS 27560 that nobody said, by its names for them."""
    said = {
        "privacy_notice": consent.notices,
        "language": answerable.language,
        "purposes": consent.setting.scope.purposes,
        "pii_type": consent.setting.scope.categories,
        "storage_locations": answerable.storage_location,
        "retention_period": answerable.storage_duration,
        "jurisdiction": any(place_iri(one) for one in consent.codes),
        "recipient_third_parties": consent.setting.scope.recipients,
        "withdrawal_method": answerable.exercised_at,
        "party_name": answerable.name,
        "party_address": answerable.address,
        "party_contact": answerable.contact,
    }
    return tuple(name for name, value in said.items() if not value)


def receipt_of(consent: Consent, answerable: Answerable) -> Mapping[str, Any]:
    """Give the receipt as JSON-LD."""
    record = record_id(consent, answerable)
    whole = not missing_fields(consent, answerable)
    made = format_instant(consent.at)
    return {
        "@context": dict(_CONTEXT),
        "@id": f"urn:uuid:{uuid5(record, made)}",
        "@type": "dpv:ConsentReceipt",
        **({"dct:conformsTo": _iri(f"{PROFILE}receipt-record")} if whole else {}),
        "dpv:hasIdentifier": str(uuid5(record, made)),
        "dct:created": _time(made),
        "dpv:hasRecordOfActivity": [_record(consent, answerable, record, whole=whole)],
    }


def record_id(consent: Consent, answerable: Answerable) -> UUID:
    """Give the identifier of the record: the same each time, and nobody else's."""
    return uuid5(
        NAMESPACE_URL,
        f"https://{answerable.origin}/consent/{consent.setting.id}/{consent.member}",
    )


def _record(
    consent: Consent, answerable: Answerable, record: UUID, *, whole: bool
) -> Mapping[str, Any]:
    control = _present(
        {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dpv:isExercisedAt": answerable.exercised_at,
        }
    )
    codes = [iri for code in consent.codes if (iri := place_iri(code)) is not None]
    return {
        "@id": f"urn:uuid:{record}",
        "@type": "dpv:ConsentRecord",
        **({"dct:conformsTo": _iri(f"{PROFILE}record")} if whole else {}),
        "dct:identifier": str(record),
        "dct:title": consent.setting.label,
        "dct:source": f"version {consent.version} of the policy, setting {consent.setting.id}",
        "dpv:hasDataSubject": {
            "@type": "dpv:DataSubject",
            "dct:identifier": str(consent.member),
        },
        "dpv:hasDataController": _present(
            {
                "@type": "dpv:DataController",
                "dct:identifier": consent.controller,
                "dpv:hasName": answerable.name,
                "dpv:hasAddress": answerable.address,
                "dpv:hasContact": answerable.contact,
            }
        ),
        "dpv:hasJurisdiction": [_iri(one) for one in codes],
        "dpv:hasNotice": [
            _present(
                {
                    "@type": "dpv:ConsentNotice",
                    "dct:identifier": one.notice,
                    "dct:date": _time(format_instant(one.at)),
                    "dct:language": answerable.language,
                    "dct:references": None if one.url is None else _iri(one.url),
                }
            )
            for one in consent.notices
        ],
        "dpv:hasProcess": [_process(consent, answerable)],
        "dpv:hasConsentControl": [control],
        "dpv:hasRight": [
            _present(
                {
                    "@type": "dpv:DataSubjectRight",
                    "dct:title": title,
                    "dpv:isExercisedAt": answerable.exercised_at,
                }
            )
            for title in ("Right to withdraw consent", "Right to object")
        ],
        "dpv:hasConsentStatus": [_event(one) for one in consent.events],
    }


def _process(consent: Consent, answerable: Answerable) -> Mapping[str, Any]:
    scope = consent.setting.scope
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": [
            _term("purposes", PURPOSES, one, "dpv:Purpose") for one in scope.purposes or ()
        ],
        "dpv:hasPersonalData": [
            _term("categories", CATEGORIES, one, "dpv:PersonalData")
            for one in scope.categories or ()
        ],
        "dpv:hasRecipient": [
            _term("roles", ROLES, one, "dpv:Recipient") for one in scope.recipients or ()
        ],
        "dpv:hasDataSource": _iri("dpv:DataSubjectDataSource"),
        "dpv:hasStorageCondition": list(_storage(answerable)),
    }


def _storage(answerable: Answerable) -> Iterator[Mapping[str, Any]]:
    if answerable.storage_location:
        iri = place_iri(answerable.storage_location)
        where = answerable.storage_location if iri is None else _iri(iri)
        yield {"@type": "dpv:StorageLocation", "dpv:hasLocation": where}
    if answerable.storage_duration:
        yield {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": _until(answerable.storage_duration),
        }


def _event(event: ConsentEvent) -> Mapping[str, Any]:
    status = _STATUS.get(event.said)
    kinds = (
        ["dpv:Status"]
        if status is None
        else [status, "dpv:ExpressedConsent"]
        if event.said in {Said.GIVEN, Said.RENEWED}
        else [status]
    )
    titles = {
        Said.OBJECTED: "an objection",
        Said.OBJECTION_WITHDRAWN: "an objection is withdrawn",
        Said.UNSET: "a choice is taken back, and nothing said in its place",
    }
    scope = "covers what was written before, too" if event.covers_older else None
    return _present(
        {
            "@type": kinds,
            "dct:title": titles.get(event.said),
            "dct:description": scope,
            "dpv:isIndicatedBy": _iri("dpv:DataSubject"),
            "dpv:isIndicatedAtTime": _time(format_instant(event.at)),
            "dct:issued": _time(format_instant(event.recorded_at)),
            "dpv:hasDuration": _until(_UNTIL),
            "dpv:hasIndicationMethod": _METHOD.get(event.method, event.method),
            "dct:source": None if event.version is None else f"policy version {event.version}",
        }
    )


def _term(table: str, tree: Tree, term: str, kind: str) -> Mapping[str, Any]:
    """Give a term of ours: by the DPV's own where that is the same, else with how they relate."""
    match = match_of(table, term)
    if match is not None and match.match is Nearness.EXACT:
        return {"@id": match.iri, "dct:title": tree.label(term)}
    relates = {} if match is None else {_MATCH[match.match]: _iri(match.iri)}
    return {
        "@type": kind,
        "dct:identifier": term,
        "dct:title": tree.label(term),
        **relates,
    }


def _until(event: str) -> Mapping[str, Any]:
    return {"@type": "dpv:UntilEventDuration", "rdf:value": event}


def _time(text: str) -> Mapping[str, str]:
    return {"@type": "xsd:dateTime", "@value": text}


def _iri(iri: str) -> Mapping[str, str]:
    return {"@id": iri}


def _present(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}
