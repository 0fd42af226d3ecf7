"""A FHIR resource in one line, for somebody who checks what a message became."""

from typing import Any

from minkang.fhir import Resource

_TELLING = frozenset(
    """authoredOn birthDate category class code date effectiveDateTime gender identifier
    medicationCodeableConcept name occurrenceDateTime performedPeriod period recordedDate status
    title type vaccineCode""".split()
)
_TEXTS = ("text", "display", "value", "code")
_MOST = 6


def in_words(resource: Resource) -> str:
    """What is most telling of a resource: names, codes, values, times, the status."""
    told = [
        _text(value)
        for name, value in resource.items()
        if name in _TELLING or name.startswith("value")
    ]
    return " · ".join([one for one in told if one][:_MOST])


def _text(value: Any) -> str:
    """The words of a value: of a concept its text, of a quantity number and unit."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if not isinstance(value, dict):
        return str(value)
    if "unit" in value:
        return f"{value.get('value', '')} {value['unit']}".strip()
    if "start" in value or "end" in value:
        return f"{value.get('start', '')} – {value.get('end', '')}".strip()
    if "family" in value or "given" in value:
        return str(value.get("text") or "".join([value.get("family", ""), *value.get("given", ())]))
    if value.get("coding"):
        return str(value.get("text") or _text(value["coding"]))
    return next((str(value[name]) for name in _TEXTS if value.get(name)), "")
