"""Checks of identity numbers (GB 11643-1999)."""

from collections.abc import Callable
from typing import Final

from minkang.exchange.mappings.context import ID_CARD_SYSTEM
from minkang.exchange.quality.facts import Facts
from minkang.fhir import Resource
from minkang.terminology import CitizenNumber, citizen_number

_SEXES: Final = {"1": "male", "2": "female"}
_OTHER: Final = ":identity"
"""End of the system of what stood where an identity number should, and is none."""


def numbers(resource: Resource) -> list[str]:
    """The identity card numbers of a Patient."""
    return [
        one["value"]
        for one in resource.get("identifier", [])
        if one.get("system") == ID_CARD_SYSTEM and one.get("value")
    ]


def has_citizen_number(field: str) -> Callable[[Facts], bool | None]:
    """There is a number of an identity card, or of another document of identity."""

    def check(facts: Facts) -> bool | None:
        found = facts.resource.get(field, [])
        return any(
            one.get("value")
            and (one.get("system") == ID_CARD_SYSTEM or str(one.get("system")).endswith(_OTHER))
            for one in found
        )

    return check


def citizen_number_fits(field: str) -> Callable[[Facts], bool | None]:
    """Every number of an identity card has a right form, date and check character."""
    del field

    def check(facts: Facts) -> bool | None:
        if not (found := numbers(facts.resource)):
            return None
        return all(isinstance(citizen_number(one), CitizenNumber) for one in found)

    return check


def citizen_number_says(field: str) -> Callable[[Facts], bool | None]:
    """Birth date or sex of the Patient (`field`) is what the number says."""

    def check(facts: Facts) -> bool | None:
        said = facts.resource.get(field)
        if not said or said in ("unknown", "other"):
            return None
        for one in numbers(facts.resource):
            citizen = citizen_number(one)
            if isinstance(citizen, CitizenNumber):
                own = _SEXES[citizen.sex] if field == "gender" else citizen.birth_date
                return bool(own == said)
        return None

    return check
