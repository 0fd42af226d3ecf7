"""Names, telephones, addresses and numbers of people.

HL7 v2.5.1 2.A.88 XPN, 2.A.86 XCN, 2.A.89 XTN, 2.A.82 XAD, 2.A.14 CX, and what older versions
wrote in their place: an XTN whose number is its first component (up to v2.6), a CX that is a plain
text (v2.2), a number in PID-2 or PID-4 (retired in v2.3.1), an identity number in PID-19.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import ID_CARD_SYSTEM, Context
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY
from minkang.exchange.mappings.hl7v2.fields import joined
from minkang.exchange.mappings.written import plain_code

_REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_REPRESENTATIONS = {"A": "ABC", "I": "IDE", "P": "SYL"}
_NAME_USES = {
    "": "official",
    "L": "official",
    "D": "usual",
    "M": "maiden",
    "N": "nickname",
    "S": "anonymous",
    "T": "temp",
}
_TELECOM_USES = {"PRN": "home", "WPN": "work", "VHN": "temp", "PRS": "mobile"}
_TELECOM_SYSTEMS = {
    "FX": "fax",
    "BP": "pager",
    "INTERNET": "email",
    "X.400": "email",
}
_ADDRESS_USES = {"": "home", "H": "home", "M": "home", "P": "home", "B": "work", "O": "work"}
_ADDRESS_USES |= {"C": "temp"}

_ID_CARD_TYPES = frozenset(
    {"NI", "NNCHN", "NNCN", "SFZ", "SFZH", "ID", "IDCARD", "身份证", "身份证号", "居民身份证"}
)
_OWN_TYPES = frozenset({"", "PI", "MR", "PT", "MRN"})
# Table 0203: what others than the source gave out, or what is not a person's number.
_FOREIGN_TYPES = frozenset(
    "AN ANC ANON BA BC BCT BR CY CZ DI DL DR DS EI EN FI HC JHN MA MB MC MCD MCR MI NH NPI PHC "
    "PHE PHO PN PNT PPN PRC PRN SL SN SR SS SSN TAX TN U UPIN VN VP VS WC WCN WP XX".split()
)
# WS/T 500-2016, identifiers by OID: identity card, health record, health card.
_ID_CARD_OID = "2.16.156.10011.1.3"
_STATE_NUMBERS = frozenset({_ID_CARD_OID, "2.16.156.10011.1.2", "2.16.156.10011.1.19"})
_SYSTEMS = {
    "HC": "urn:oid:2.16.156.10011.1.19",
    "JHN": "urn:oid:2.16.156.10011.1.19",
}
# What forms write where there is no number (a field must not be empty there).
_NO_NUMBER = frozenset(
    "NA N/A NULL NONE NIL UNKNOWN 无 无号 无证件 暂无 不详 未知 未提供 空 - -- --- / // .".split()
)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_ID_CARD = re.compile(r"[1-9]\d{16}[\dXx]", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_number(text: str) -> bool:
    """Whether a text can be anybody's number: not empty, no stand-in such as `NA` or `无`."""
    return bool(text) and text.upper() not in _NO_NUMBER


def is_id_card(text: str) -> bool:
    """Whether a text has the form and the check character of GB 11643."""
    if not _ID_CARD.fullmatch(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


def own_number(context: Context, pid: Segment) -> tuple[str, list[dict[str, Any]]]:
    """The patient's number in the source, and all identifiers of a PID, that number first.

    The number is the first of type PI, MR, PT or none in PID-3, PID-2, PID-4; else the first of a
    type that nobody else is known to give out.
    """
    given = [
        (parts[0], (parts[4] if len(parts) > 4 else "").upper(), _authority(whole))
        for field in (3, 2, 4)
        for parts, whole in zip(pid.parted(field), pid.repetitions(field), strict=True)
        if is_number(parts[0])
    ]
    possible = [
        (kind in _OWN_TYPES, value)
        for value, kind, oid in given
        if kind not in _FOREIGN_TYPES
        and kind not in _ID_CARD_TYPES
        and oid not in _STATE_NUMBERS
        and not is_id_card(value)
    ]
    # A type of the source's own, where there is none that says it.
    number = next((v for own, v in possible if own), possible[0][1] if possible else "")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for value, kind, oid in given:
        if value == number:
            one = {"system": context.number_system("patient"), "value": value}
        else:
            one = _identifier(context, value, kind, oid)
        found.setdefault((one["system"], one["value"]), one)
    social = pid.part(19)
    if is_number(social):
        one = _identifier(context, social, "SS")
        found.setdefault((one["system"], one["value"]), one)
    own = context.number_system("patient")
    return number, sorted(found.values(), key=lambda one: one["system"] != own)


def _authority(components: Sequence[str]) -> str:
    """The OID of who gave a number out (CX-4: name, OID, `ISO`), if it has one."""
    subs = components[3].split("&") if len(components) > 3 else []
    return subs[1].strip() if len(subs) > 1 and _OID.fullmatch(subs[1].strip()) else ""


def _identifier(context: Context, value: str, kind: str, oid: str = "") -> dict[str, Any]:
    if kind in _ID_CARD_TYPES or oid == _ID_CARD_OID or is_id_card(value):
        digits = value.upper()
        # What fills the field of the identity card without having its form is no such number.
        if is_id_card(digits) or len(digits) in (15, 18):
            return {"system": ID_CARD_SYSTEM, "value": digits}
        oid = ""
    name = re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-") or "other"
    known = f"urn:oid:{oid}" if oid else _SYSTEMS.get(kind)
    found: dict[str, Any] = {
        "system": known or context.number_system(f"patient-{name}"),
        "value": value,
    }
    if kind:
        found["type"] = {"coding": [{"system": f"{TERMINOLOGY}v2-0203", "code": plain_code(kind)}]}
    return found


def names(segment: Segment, field: int) -> list[dict[str, Any]]:
    """The names of a field, the ideographic one first."""
    found = [_name(parts) for parts in segment.parted(field)]
    named = [(rank, name) for rank, name in found if name]
    return [name for _, name in sorted(named, key=lambda one: one[0])]


def _name(parts: Sequence[str]) -> tuple[int, dict[str, Any]]:
    family, given, further, suffix, prefix, *rest = [*parts, *[""] * 8][:8]
    kind, representation = rest[1].upper(), rest[2].upper()
    text = person(family, given)
    if not text:
        return 0, {}
    name: dict[str, Any] = {}
    if kind in _NAME_USES:
        name["use"] = _NAME_USES[kind]
    name["text"] = text
    if given and family:
        name["family"] = family
        name["given"] = [given, further] if further else [given]
    if suffix:
        name["suffix"] = [suffix]
    if prefix:
        name["prefix"] = [prefix]
    if representation in _REPRESENTATIONS:
        code = _REPRESENTATIONS[representation]
        name["extension"] = [{"url": _REPRESENTATION, "valueCode": code}]
    return {"I": 0, "": 1, "A": 2, "P": 3}.get(representation, 1), name


def person(family: str, given: str) -> str:
    """A name in one piece, the family first; apart only where it is written in letters."""
    apart = " " if family[-1:].isascii() and given[:1].isascii() else ""
    return f"{family}{apart}{given}" if family and given else family or given


def doctors(segment: Segment, field: int) -> Iterator[str]:
    """What the people of an XCN field (number, family, given) are called; the number if nothing."""
    for parts in segment.parted(field):
        number, family, given = [*parts, "", ""][:3]
        if text := person(family, given) or number:
            yield text


def doctor(segment: Segment, field: int) -> dict[str, str] | None:
    """The first person of a field, as a reference that only has a name."""
    text = next(doctors(segment, field), None)
    return {"display": text} if text else None


def telecoms(segment: Segment, field: int, use: str = "") -> list[dict[str, str]]:
    """The numbers and addresses of an XTN field; `use` where the field itself says it."""
    found = []
    for parts in segment.parted(field):
        first, said, equipment, mail, country, area, local, extension = [*parts, *[""] * 8][:8]
        whole = parts[11] if len(parts) > 11 else ""
        number = first or whole or joined((area, local), "-" if country == "1" else "")
        kind = equipment.upper()
        telecom = {"system": _TELECOM_SYSTEMS.get(kind, "phone")}
        if mail and (telecom["system"] == "email" or said.upper() == "NET" or not number):
            telecom["system"], number = "email", mail
        if not is_number(number):
            continue
        telecom["value"] = f"{number} {extension}" if extension and not first else number
        known = "mobile" if kind == "CP" else _TELECOM_USES.get(said.upper(), use)
        if known and telecom["system"] != "email":
            telecom["use"] = known
        found.append(telecom)
    return found


def addresses(segment: Segment, field: int) -> list[dict[str, Any]]:
    """The addresses of an XAD field: as one text, and in parts where it has parts."""
    found = []
    for parts in segment.parted(field):
        street, other, city, state, postcode, country, kind = [*parts, *[""] * 7][:7]
        text = joined((street, other, city, state, postcode, country))
        if not text:
            continue
        address: dict[str, Any] = {}
        if kind.upper() in _ADDRESS_USES:
            address["use"] = _ADDRESS_USES[kind.upper()]
        address["text"] = text
        if lines := [part for part in (street, other) if part]:
            address["line"] = lines
        named = {"city": city, "state": state, "postalCode": postcode, "country": country}
        address |= {name: value for name, value in named.items() if value}
        found.append(address)
    return found
