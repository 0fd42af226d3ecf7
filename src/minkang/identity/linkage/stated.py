"""What a registration states, in plain columns: read from a FHIR Patient, or given as a row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.identity.match import ID_CARD_SYSTEM

_REGISTERED: Final = ":registered"
_DIVISIONS: Final = (
    "urn:minkang:patient:residence-division",
    "urn:minkang:patient:household-division",
)
_DIVISION_OF_ADDRESS: Final = "urn:minkang:address:division"
_MAIDEN: Final = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
_REPRESENTATION: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_ROLES: Final = {
    "MTH": "mother", "NMTH": "mother", "GESTM": "mother", "MTHFOST": "guardian",
    "FTH": "father", "NFTH": "father", "GUARD": "guardian", "PRN": "guardian",
    "GRPRN": "guardian", "母亲": "mother", "父亲": "father", "监护人": "guardian", "母": "mother",
    "父": "father", "62": "mother", "61": "father", "52": "mother", "51": "father",
}  # fmt: skip
"""Role codes (v3-RoleCode), the words, and GB/T 4761 (family relations: 51 father, 52 mother)."""
_CARDS: Final = (
    ("2.16.156.10011.1.19", "health-card"), ("2.16.156.10011.1.2", "health-record"),
    ("passport", "passport"), ("patient-ppn", "passport"), ("hk-macao", "hk-macao"),
    ("taiwan", "taiwan"), ("insurance", "insurance"), ("birth-certificate", "birth-certificate"),
    ("ehealth-code", "health-code"),
)  # fmt: skip
"""How the end of an identifier's system says what kind of card it is."""
_TYPES: Final = {
    "PPN": "passport", "HC": "health-card", "JHN": "health-card", "SS": "insurance",
    "03": "passport", "06": "hk-macao", "07": "taiwan", "04": "officer",
}  # fmt: skip
"""v2-0203, and CV02.01.101 (document of identity: 03 passport, 06 Hong Kong, Macao, 07 Taiwan)."""
_OWN_NUMBERS: Final = ("patient", "outpatient", "inpatient", "medical-record", "other")


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What a registration states, as it was typed. Everything may be missing.

    Attributes:
        other_names: former, maiden, in letters.
        sex: FHIR administrative gender.
        birth_date, died, seen: FHIR dates.
        id_number: in the field of the identity card.
        cards: kind and number; see `numbers.card` for kinds, "" where none is said.
        division: code of where they live, 6 to 12 digits.
        kin_numbers: identity numbers of mother, father, guardian.
        birth_order: which of several born together, from 1; 0 if not said.
    """

    name: str = ""
    other_names: tuple[str, ...] = ()
    sex: str = ""
    birth_date: str = ""
    id_number: str = ""
    cards: tuple[tuple[str, str], ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""
    division: str = ""
    mother: str = ""
    father: str = ""
    guardian: str = ""
    kin_numbers: tuple[str, ...] = ()
    twin: bool = False
    birth_order: int = 0
    died: str = ""
    seen: str = ""
    source: str = ""


def stated_of(patient: Resource, source: str = "", relatives: Sequence[Resource] = ()) -> Stated:
    """What a FHIR Patient states, and what RelatedPersons say of its mother, father, guardian."""
    names = _names(patient)
    number, cards = _numbers(patient)
    address, division = _address(patient)
    kin, kin_numbers = _kin([*_list(patient, "contact"), *relatives])
    if maiden := _text(_extension(patient, _MAIDEN), "valueString"):
        kin.setdefault("mother", maiden)
    order = patient.get("multipleBirthInteger")
    return Stated(
        name=names[0] if names else "",
        other_names=tuple(names[1:]),
        sex=_text(patient, "gender"),
        birth_date=_text(patient, "birthDate"),
        id_number=number,
        cards=cards,
        phones=tuple(_phones(patient)),
        address=address,
        division=division,
        mother=kin.get("mother", ""),
        father=kin.get("father", ""),
        guardian=kin.get("guardian", ""),
        kin_numbers=kin_numbers,
        twin=patient.get("multipleBirthBoolean") is True,
        birth_order=order if isinstance(order, int) and not isinstance(order, bool) else 0,
        died=_text(patient, "deceasedDateTime")[:10],
        seen=_seen(patient),
        source=source,
    )


def _list(element: Any, name: str) -> list[Mapping[str, Any]]:
    found = element.get(name) if isinstance(element, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _text(element: Any, name: str) -> str:
    found = element.get(name) if isinstance(element, Mapping) else None
    return found if isinstance(found, str) else ""


def _extension(element: Any, url: str) -> Mapping[str, Any]:
    return next((one for one in _list(element, "extension") if one.get("url") == url), {})


def _names(patient: Resource) -> list[str]:
    """All names, the official one in characters first."""
    found = []
    for at, name in enumerate(_list(patient, "name")):
        use = _text(name, "use")
        written = _text(_extension(name, _REPRESENTATION), "valueCode")
        rank = (use in ("old", "maiden", "nickname"), written not in ("", "IDE"), at)
        if text := _name_text(name):
            found.append((rank, text))
    return list(dict.fromkeys(text for _, text in sorted(found)))


def _name_text(name: Mapping[str, Any]) -> str:
    if text := _text(name, "text").strip():
        return text
    family = _text(name, "family")
    words = name.get("given")
    given = " ".join(w for w in words if isinstance(w, str)) if isinstance(words, list) else ""
    # In letters the family name goes last, as `names.split_name` takes it.
    return f"{given} {family}".strip() if f"{family}{given}".isascii() else family + given


def _numbers(patient: Resource) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The number in the field of the identity card, and all cards."""
    number, typed = "", ""
    cards: list[tuple[str, str]] = []
    for one in _list(patient, "identifier"):
        value, system = _text(one, "value").strip(), _text(one, "system")
        if not value or one.get("use") == "old":
            continue
        if system == ID_CARD_SYSTEM:
            number = number or value
        elif (kind := _kind(one, system)) == "identity":
            typed = typed or value
        elif kind:
            cards.append((kind, value))
    # What stands where the identity card's number should, and has not its form.
    if typed and not number and _looks_like_a_number(typed):
        return typed, tuple(cards)
    return number, (*cards, *((("", typed),) if typed else ()))


def _looks_like_a_number(text: str) -> bool:
    digits = sum(one.isdigit() for one in text)
    return digits >= 14 and len(text.strip()) <= 24


def _kind(identifier: Mapping[str, Any], system: str) -> str:
    """What kind of card an identifier is; "" for the source's own number of the patient."""
    kind_of = identifier.get("type")
    for coding in _list(kind_of, "coding"):
        if kind := _TYPES.get(_text(coding, "code").upper()):
            return kind
    end = system.rpartition(":")[2].rpartition("/")[2]
    if end == "identity":
        return "identity"
    for part, kind in _CARDS:
        if end == part or end.endswith(f"-{part}"):
            return kind
    return "" if end in _OWN_NUMBERS or not system else system


def _phones(element: Any) -> Iterator[str]:
    for one in _list(element, "telecom"):
        value = _text(one, "value")
        if value and _text(one, "system") in ("", "phone", "sms"):
            yield value.removeprefix("tel:")


def _address(patient: Resource) -> tuple[str, str]:
    """Where they live, as text and as division code, of the first address that is no old one."""
    division = ""
    for url in _DIVISIONS:
        concept = _extension(patient, url).get("valueCodeableConcept")
        codes = [_text(coding, "code") for coding in _list(concept, "coding")]
        division = division or next((one for one in codes if one), "")
    found = [one for one in _list(patient, "address") if one.get("use") != "old"]
    found.sort(key=lambda one: one.get("use") != "home")
    for one in found:
        code = _text(_extension(one, _DIVISION_OF_ADDRESS), "valueCode") or division
        lines = one.get("line")
        parts = [_text(one, "state"), _text(one, "city"), _text(one, "district")]
        parts += (
            [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        )
        if text := _text(one, "text") or "".join(parts):
            return text, code
    return "", division


def _kin(people: Sequence[Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Names of mother, father and guardian by role, and their identity numbers."""
    names: dict[str, str] = {}
    numbers: list[str] = []
    for person in people:
        role = _role(person)
        if not role:
            continue
        name = person.get("name")
        text = _name_text(name) if isinstance(name, Mapping) else ""
        text = text or next((t for one in _list(person, "name") if (t := _name_text(one))), "")
        if text:
            names.setdefault(role, text)
        numbers += [
            _text(one, "value")
            for one in _list(person, "identifier")
            if one.get("system") == ID_CARD_SYSTEM
        ]
    return names, tuple(numbers)


def _role(person: Any) -> str:
    for concept in _list(person, "relationship"):
        words = [_text(coding, "code") for coding in _list(concept, "coding")]
        for word in (*words, _text(concept, "text")):
            if role := _ROLES.get(word):
                return role
    return ""


def _seen(patient: Resource) -> str:
    """The last date on which the registration itself says that they were there."""
    dates = [
        _text(one, "valueDateTime")[:10]
        for one in _list(patient, "extension")
        if _text(one, "url").endswith(_REGISTERED)
    ]
    return max(dates, default="")
