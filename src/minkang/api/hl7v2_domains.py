"""Assigning authorities of HL7 v2 (CX-4) and the systems of FHIR identifiers: one for the other.

| CX-4 | System |
|---|---|
| `SOURCE` | `urn:minkang:source:SOURCE:patient`, the patient numbers of a registered source |
| `MINKANG` | the electronic health code |
| `&2.16.156.10011.1.3&ISO` | `urn:oid:2.16.156.10011.1.3` |
| `&urn:example&URI` | `urn:example` |
| none | the identity card where CX-5 or the number says so, else the asking source's own numbers |
"""

import re
from typing import Any, Final

from minkang.api.cross_reference import number_of
from minkang.exchange import Source
from minkang.exchange.hl7v2.query import Authority, Number
from minkang.exchange.hl7v2.respond import Given
from minkang.identity import CODE_SYSTEM, parse_id_number
from minkang.identity.match import ID_CARD_SYSTEM

PLATFORM: Final = "MINKANG"
"""The namespace of the electronic health code."""

_ID_CARD_KINDS: Final = frozenset({"NI", "NNCHN", "NNCN", "SFZ", "SFZH", "IDCARD", "身份证"})
_OWN: Final = re.compile(r"urn:minkang:source:([^:]+):patient")
_OID: Final = re.compile(r"urn:oid:([0-2](?:\.(?:0|[1-9]\d*))+)")
_IS_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_KINDS: Final = {CODE_SYSTEM: "JHN", ID_CARD_SYSTEM: "NNCHN"}
_V2_KINDS: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"


def system_of(authority: Authority) -> str:
    """The system of the numbers that an authority gives out; empty if it names none."""
    if authority.id:
        return f"urn:oid:{authority.id}" if _IS_OID.fullmatch(authority.id) else authority.id
    if authority.name == PLATFORM:
        return CODE_SYSTEM
    return f"urn:minkang:source:{authority.name}:patient" if authority.name else ""


def number_asked(source: Source, number: Number) -> tuple[str, str]:
    """System and value of a number in a query of a source."""
    if system := system_of(number.authority):
        value = number.value.upper() if system == ID_CARD_SYSTEM else number.value
        return system, value
    if number.kind in _ID_CARD_KINDS or parse_id_number(number.value) is not None:
        return ID_CARD_SYSTEM, number.value.upper()
    return own_system(source), number.value


def own_system(source: Source) -> str:
    """The system of a source's own patient numbers."""
    return f"urn:minkang:source:{source.id}:patient"


def given_of(identifier: dict[str, Any]) -> Given:
    """A FHIR identifier as CX writes it."""
    system, value = number_of(identifier)
    return Given(value, authority_of(system), _kind(system, identifier))


def authority_of(system: str) -> Authority:
    """The authority that gives out the numbers of a system."""
    if system == CODE_SYSTEM:
        return Authority(PLATFORM)
    if own := _OWN.fullmatch(system):
        return Authority(own[1])
    if oid := _OID.fullmatch(system):
        return Authority("", oid[1], "ISO")
    return Authority("", system, "URI")


def _kind(system: str, identifier: dict[str, Any]) -> str:
    """The identifier's type (table 0203), as far as it is known."""
    if system in _KINDS:
        return _KINDS[system]
    for coding in identifier.get("type", {}).get("coding", []):
        if coding.get("system") == _V2_KINDS:
            return str(coding.get("code", ""))
    return "PI" if _OWN.fullmatch(system) else ""
