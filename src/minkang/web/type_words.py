"""Resource types as people call them."""

from collections.abc import Callable

from minkang.web.rendering import N_

_TYPES = {
    "AllergyIntolerance": N_("过敏"),
    "Composition": N_("文书"),
    "Condition": N_("诊断"),
    "DiagnosticReport": N_("报告"),
    "DocumentReference": N_("文档"),
    "Encounter": N_("就诊"),
    "ImagingStudy": N_("影像检查"),
    "Immunization": N_("接种"),
    "Location": N_("地点"),
    "MedicationRequest": N_("处方"),
    "Observation": N_("结果"),
    "Organization": N_("机构"),
    "Patient": N_("患者"),
    "Person": N_("居民"),
    "Practitioner": N_("医务人员"),
    "Procedure": N_("手术与操作"),
}


def has_words(resource_type: str) -> bool:
    """Whether people have a word for a type."""
    return resource_type in _TYPES


def type_words(resource_type: str, say: Callable[[str], str]) -> str:
    """A resource type in the visitor's language; a rare one by its FHIR name."""
    words = _TYPES.get(resource_type)
    return say(words) if words else resource_type
