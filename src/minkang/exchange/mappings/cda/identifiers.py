"""Numbers of people, visits and papers by the OID that says what they are (WS/T 500-2016).

Only what is somebody's number becomes an identifier: documents must not leave fields empty, so
hospitals write `NA`, `无` or a row of zeros there.
"""

from typing import Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import clean
from minkang.exchange.mappings.context import ID_CARD_SYSTEM, Context
from minkang.terminology import citizen_number

ROOT: Final = "2.16.156.10011.1."
DOCUMENT: Final = f"{ROOT}1"
HEALTH_RECORD: Final = f"{ROOT}2"
ID_CARD: Final = f"{ROOT}3"
INSTITUTION: Final = f"{ROOT}5"
OUTPATIENT: Final = f"{ROOT}11"
INPATIENT: Final = f"{ROOT}12"
MEDICAL_RECORD: Final = f"{ROOT}13"
SPECIMEN: Final = f"{ROOT}14"
HEALTH_CARD: Final = f"{ROOT}19"
PRESCRIPTION: Final = f"{ROOT}20"
ROOM: Final = f"{ROOT}21"
BED: Final = f"{ROOT}22"
APPLICATION: Final = f"{ROOT}24"
DEPARTMENT: Final = f"{ROOT}26"
WARD: Final = f"{ROOT}27"
EXAMINATION_REPORT: Final = f"{ROOT}32"
LABORATORY_REPORT: Final = f"{ROOT}33"
CONSENT: Final = f"{ROOT}34"

OTHER_NUMBER: Final = "identity"
"""Kind of the source's numbers that stand where an identity card number should and are none."""

_STAND_INS: Final = frozenset(
    "NA N/A NULL NONE NIL UNKNOWN 无 无号 无证件 暂无 不详 未知 未提供 空 未带 身份证未带".split()
)


def is_number(text: str) -> bool:
    """Whether a text can be anybody's number: no stand-in, no mere marks or zeros."""
    return text.strip("-/\\.*_ 0") != "" and text.upper() not in _STAND_INS and "\0" not in text


def numbers(elements: list[Element]) -> dict[str, str]:
    """OID to number, of those `id` elements that hold one; the first of an OID counts."""
    found: dict[str, str] = {}
    for element in elements:
        number = " ".join(clean(element.get("extension")).split())
        if is_number(number):
            found.setdefault(element.get("root"), number)
    return found


def identity(context: Context, number: str) -> dict[str, str]:
    """The number in the field of the identity card as Identifier.

    It is an identity card number if form, date and check character are right (GB 11643); one of
    15 digits as it stands. What is not (a passport, a typing error) is the source's own number.
    """
    citizen = citizen_number(number)
    if isinstance(citizen, str):
        return {"system": context.number_system(OTHER_NUMBER), "value": number}
    return {"system": ID_CARD_SYSTEM, "value": number.upper()}
