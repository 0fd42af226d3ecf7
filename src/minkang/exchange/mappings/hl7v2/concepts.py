"""Coded values as CodeableConcepts, and what code systems are called.

HL7 v2.5.1 2.A.8 CE, 2.A.13 CWE; table 0396 for the names of code systems.
"""

import re
from collections.abc import Sequence
from typing import Any

from minkang.exchange.mappings.written import plain_code

Concept = dict[str, Any]
"""A CodeableConcept."""

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
"""Where HL7's own code systems lie: `v2-0001`, `v3-ActCode`."""

_ICD10 = "urn:oid:2.16.156.10011.2.3.3.11"
_SYSTEMS = {
    "LN": "http://loinc.org",
    "LOINC": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "ICD-10": _ICD10,
    "ICD10": _ICD10,
    "I10": _ICD10,
    "ICD-9-CM-3": "urn:oid:2.16.156.10011.2.3.3.12",
    "ICD9CM3": "urn:oid:2.16.156.10011.2.3.3.12",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9M": "http://hl7.org/fhir/sid/icd-9-cm",
    "SCT": "http://snomed.info/sct",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MVX": "http://hl7.org/fhir/sid/mvx",
    "C4": "http://www.ama-assn.org/go/cpt",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "GB/T2261.1": "urn:oid:2.16.156.10011.2.3.3.4",
    "GB/T2261.2": "urn:oid:2.16.156.10011.2.3.3.5",
    "GB/T3304": "urn:oid:2.16.156.10011.2.3.3.3",
}
_TABLE = re.compile(r"HL7-?(\d{4})")
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_BLANK = re.compile(r"\s+")


def concept_of(components: Sequence[str], own: str) -> Concept | None:
    """A CE or CWE as CodeableConcept: code, text, system, and their alternates; None if empty.

    Components 7 and 8 are the versions, 9 is the original text, 14 and 17 the systems' OIDs
    (v2.7 2.A.13). A code with no system that is known keeps the source's own.

    Args:
        components: unescaped.
        own: beginning of the source's own code systems, `urn:minkang:source:haibin:code`.
    """
    parts = [part.strip() for part in components]
    if '""' in parts:
        parts = ["" if part == '""' else part for part in parts]
    code, text, system, *rest = parts if len(parts) > 2 else [*parts, "", "", ""]
    if not any(rest):
        coding = _coding(code, text, system, own)
        if coding is None:
            return {"text": text} if text else None
        return {"coding": [coding], "text": text or code}
    rest += [""] * (14 - len(rest))
    codings = [
        coding
        for coding in (
            _coding(code, text, system, own, rest[3], rest[10]),
            _coding(rest[0], rest[1], rest[2], own, rest[4], rest[13]),
        )
        if coding is not None
    ]
    text = rest[5] or text or rest[1] or code or rest[0]
    if not text:
        return None
    return {"coding": codings, "text": text} if codings else {"text": text}


def system_of(name: str, own: str) -> str:
    """The URI of the code system that a message calls `name`; `own` as for `concept_of`."""
    known = name.replace(" ", "").upper()
    if known in _SYSTEMS:
        return _SYSTEMS[known]
    if match := _TABLE.fullmatch(known):
        return f"{TERMINOLOGY}v2-{match[1]}"
    if _OID.fullmatch(known):
        return f"urn:oid:{known}"
    return f"{own}:{_BLANK.sub('-', name.strip().lower()) or 'local'}"


def _coding(
    code: str, text: str, system: str, own: str, version: str = "", oid: str = ""
) -> dict[str, str] | None:
    if not code:
        return None
    name = oid if not system and _OID.fullmatch(oid) else system
    coding = {"system": system_of(name, own), "code": plain_code(code)}
    if version:
        coding["version"] = version
    if text:
        coding["display"] = text
    return coding
