"""The Person that a Patient brings along: pure, from its own content alone.

Of a cluster of Patients one is the anchor, and the cluster is the anchor's Person: so Person ids
(and with them codes, accounts and consents) stay what they are when others join or leave.
"""

from minkang.crypto import hmac_sm3
from minkang.identity.id_number import parse_id_number
from minkang.identity.linkage.features import Features


def own_number(features: Features) -> str | None:
    """The checked ID number whose birth date and sex agree with the Patient's own.

    Any other may be somebody else's: a guardian's, a borrowed card's.
    """
    number = parse_id_number(features.id_number) if features.id_number else None
    if number is None or (number.birth_date, number.sex) != (features.birth_date, features.sex):
        return None
    return number.text


def home_of_number(id_key: bytes, number: str) -> str:
    """The Person of whoever owns an ID number."""
    return _person_id(id_key, f"id-number|{number}")


def home_of_patient(id_key: bytes, patient: str) -> str:
    """The Person of a Patient who has no ID number of its own."""
    return _person_id(id_key, f"patient|{patient}")


def _person_id(id_key: bytes, seed: str) -> str:
    return "p" + hmac_sm3(id_key, f"person|{seed}".encode()).hex()[:24]
