"""A Patient as PID says it (HL7 v2.5.1, 3.4.2): the mapping that reads it, the other way round."""

from typing import Any, Final

from minkang.exchange.hl7v2.respond import Given, Person
from minkang.fhir import Resource

_SEXES: Final = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
_USES: Final = {
    "official": "L",
    "usual": "D",
    "maiden": "M",
    "nickname": "N",
    "anonymous": "S",
    "temp": "T",
}


def person_of(patient: Resource, numbers: tuple[Given, ...], confidence: float | None) -> Person:
    """Who a Patient is; what it does not say is left empty."""
    return Person(
        numbers=numbers,
        names=tuple(_name(one) for one in _dicts(patient, "name")),
        birth=str(patient.get("birthDate", "")).replace("-", ""),
        sex=_SEXES.get(str(patient.get("gender", "")), ""),
        addresses=tuple(_address(one) for one in _dicts(patient, "address")),
        phones=tuple(
            str(one["value"])
            for one in _dicts(patient, "telecom")
            if one.get("value") and one.get("system") == "phone"
        ),
        confidence=confidence,
    )


def _name(name: dict[str, Any]) -> tuple[str, str, str]:
    family, given = str(name.get("family", "")), " ".join(map(str, name.get("given", [])))
    kind = _USES.get(str(name.get("use", "")), "L")
    return (family, given, kind) if family else (str(name.get("text", "")), "", kind)


def _address(address: dict[str, Any]) -> tuple[str, str, str, str]:
    street = "".join(map(str, address.get("line", []))) or str(address.get("text", ""))
    city, state, post = (str(address.get(one, "")) for one in ("city", "state", "postalCode"))
    return street, city, state, post


def _dicts(patient: Resource, element: str) -> list[dict[str, Any]]:
    return [one for one in patient.get(element, []) if isinstance(one, dict)]
