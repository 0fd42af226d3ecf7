"""A row of the population register, as it came in: read from the Patient that exchange made of it.

The row keeps what counting and reconciling need. Name, ID number, address and telephone are left
in the Patient. Where the words come from: docs/integrators/forms.md, 人口登记.
"""

import re
from datetime import date
from typing import Any, Final, Literal

import msgspec

from minkang.fhir import Resource

Kind = Literal["settled", "away", "incoming", "unknown"]
"""Registered and living here (户籍常住); registered here, living elsewhere (户籍外出); living here,
registered elsewhere (流动人口); not said."""

Status = Literal["living", "moved-out", "died"]
Sex = Literal["male", "female", "other", "unknown"]

_NUMBER: Final = re.compile(r"urn:minkang:source:[^:]+:population")
_PREFIX: Final = "urn:minkang:patient:"
_CODE: Final = re.compile(r"\d{2,12}")
_SEXES: Final[dict[str, Sex]] = {"male": "male", "female": "female", "other": "other"}


class RegisterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One resident of the register.

    Attributes:
        patient: id of the Patient that the row became.
        number: the register's own number of the resident.
        household: the register's number of the household, empty if it gives none.
        living, registered: divisions of 2 to 12 digits, as deep as the register knows; empty if it
            does not say.
        moved_in, moved_out: the days since and until which somebody lives at this place.
        listed: whether the register still counts the row (是否在册).
    """

    patient: str
    number: str
    household: str = ""
    sex: Sex = "unknown"
    birth: date | None = None
    kind: Kind = "unknown"
    living: str = ""
    registered: str = ""
    moved_in: date | None = None
    moved_out: date | None = None
    died: date | None = None
    listed: bool = True

    @property
    def status(self) -> Status:
        """What the register says of the resident now."""
        if self.died is not None:
            return "died"
        return "living" if self.moved_out is None and self.listed else "moved-out"


def is_register_patient(patient: Resource) -> bool:
    """Whether a Patient is a row of a population register: it bears the register's number."""
    return bool(_number(patient))


def row_of(patient: Resource) -> RegisterRow | None:
    """The register's row that a Patient is; None of all other Patients."""
    number = _number(patient)
    if not number:
        return None
    said = {
        str(one.get("url", "")).removeprefix(_PREFIX): one for one in patient.get("extension", [])
    }
    kind = _kind(said.get("residence-kind"))
    return RegisterRow(
        patient=patient["id"],
        number=number,
        household=str(said.get("household-number", {}).get("valueString", "")),
        sex=_SEXES.get(patient.get("gender", ""), "unknown"),
        birth=_day(patient.get("birthDate")),
        kind=kind,
        living=_code(said.get("residence-division")),
        registered=_code(said.get("household-division")),
        moved_in=_day(said.get("moved-in", {}).get("valueDateTime")),
        moved_out=_day(said.get("moved-out", {}).get("valueDateTime")),
        died=_day(patient.get("deceasedDateTime"))
        or _day(said.get("death-registered", {}).get("valueDateTime")),
        listed=patient.get("active", True) is not False,
    )


def _number(patient: Resource) -> str:
    return next(
        (
            str(one["value"])
            for one in patient.get("identifier", [])
            if one.get("value") and _NUMBER.fullmatch(one.get("system", ""))
        ),
        "",
    )


def _kind(said: dict[str, Any] | None) -> Kind:
    """By the words that registers use: 户籍常住, 户籍外出, 流动人口 (流入)."""
    words = str((said or {}).get("valueCodeableConcept", {}).get("text", ""))
    if "流" in words:
        return "incoming"
    if "外出" in words or "流出" in words:
        return "away"
    return "settled" if "常住" in words or "户籍" in words else "unknown"


def _code(said: dict[str, Any] | None) -> str:
    codings = (said or {}).get("valueCodeableConcept", {}).get("coding", [])
    code = next((str(one.get("code", "")) for one in codings), "")
    return code if _CODE.fullmatch(code) else ""


def _day(text: Any) -> date | None:
    """The day of a FHIR date or dateTime; None if it is partial: nothing can be counted by it."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
