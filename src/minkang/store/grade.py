"""How sensitive a resource is: the label that every row carries from its first day."""

import re
from enum import IntEnum
from functools import lru_cache

from minkang.fhir import Resource

RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
"""The security label of what is sensitive though its own codes do not say so."""


class Grade(IntEnum):
    """Grades of health data after GB/T 39725-2020, 6.2 (level 1 open to level 5 most closed)."""

    OPEN = 1
    BROAD = 2
    LIMITED = 3
    PERSONAL = 4
    SENSITIVE = 5


_OPEN_TYPES = frozenset({"CodeSystem", "ConceptMap", "Location", "Organization", "ValueSet"})
_BROAD_TYPES = frozenset({"Practitioner", "PractitionerRole"})

# ICD-10 blocks: syphilis to other venereal disease, HIV, mental and behavioural disorders,
# pregnancy with abortive outcome, HIV status and carrier of STD.
_SENSITIVE_ICD = re.compile(
    r"(A5[0-9]|A6[0-4]|B2[0-4]|F\d\d|O0[0-8]|R75|Z21|Z22\.4)", re.IGNORECASE
)
# HIV antibody, RNA and CD4 count, syphilis antibodies (LOINC).
_SENSITIVE_LOINC = frozenset({"56888-1", "7917-8", "20447-9", "24110-9", "20507-0", "24467-3"})
# Where a source sends words or codes of its own.
_SENSITIVE_TEXT = re.compile(
    r"HIV|AIDS|艾滋|人类免疫缺陷|梅毒|淋病|尖锐湿疣|精神分裂|双相|抑郁|躁狂|人工流产|药物流产",
    re.IGNORECASE,
)


def grade_of(resource: Resource) -> Grade:
    """The grade of a resource by its type, its codes and its security labels (R, V)."""
    resource_type = resource.get("resourceType")
    if resource_type in _OPEN_TYPES:
        return Grade.OPEN
    if resource_type in _BROAD_TYPES:
        return Grade.BROAD
    labels = resource.get("meta", {}).get("security", ())
    if any(
        one.get("system") == RESTRICTED["system"] and one.get("code") in ("R", "V")
        for one in labels
    ):
        return Grade.SENSITIVE
    concepts = [resource.get("code"), *resource.get("reasonCode", [])]
    for concept in concepts:
        if not isinstance(concept, dict):
            continue
        for coding in concept.get("coding", []):
            if _is_sensitive(str(coding.get("code", "")), str(coding.get("display", ""))):
                return Grade.SENSITIVE
        if _is_sensitive("", str(concept.get("text", ""))):
            return Grade.SENSITIVE
    return Grade.PERSONAL


@lru_cache(maxsize=50_000)
def _is_sensitive(code: str, text: str) -> bool:
    return bool(
        _SENSITIVE_ICD.match(code)
        or code in _SENSITIVE_LOINC
        or _SENSITIVE_TEXT.search(code)
        or _SENSITIVE_TEXT.search(text)
    )
