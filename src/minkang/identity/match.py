"""The rule that links: pure."""

import msgspec

from minkang.crypto import hmac_sm3
from minkang.fhir import Resource
from minkang.identity.id_number import parse_id_number

ID_CARD_SYSTEM = "urn:oid:2.16.156.10011.1.3"


class Match(msgspec.Struct, frozen=True):
    """To which Person a Patient belongs, and by which rule."""

    person: str
    rule: str


def match(id_key: bytes, patient: Resource) -> Match:
    """The Person of a Patient, by its own content alone.

    A checked ID number whose birth date and sex agree with the Patient's own links it to everyone
    else with that number. Any doubt keeps it apart, in a Person of its own: two lives mixed up
    are worse than one life in two parts.
    """
    for identifier in patient.get("identifier", []):
        if identifier.get("system") != ID_CARD_SYSTEM:
            continue
        number = parse_id_number(identifier.get("value", ""))
        if (
            number is not None
            and patient.get("birthDate") == number.birth_date
            and patient.get("gender") == number.sex
        ):
            return Match(_person_id(id_key, f"id-number|{number.text}"), "id-number")
    return Match(_person_id(id_key, f"patient|{patient['id']}"), "apart")


def _person_id(id_key: bytes, seed: str) -> str:
    return "p" + hmac_sm3(id_key, f"person|{seed}".encode()).hex()[:24]
