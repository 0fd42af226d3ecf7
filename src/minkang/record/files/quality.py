"""The quality of a file: what is filled, what can be right, what contradicts; a score by the rule.

The rule is data (`items.yaml`): a filled item earns its weight, a vague or invalid one half, one
that contradicts another none. An item that nobody of the resident's age has counts for nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

import msgspec

from minkang.identity import parse_id_number
from minkang.record.files.items import Item, sheet_items
from minkang.record.files.sheet import Said, Sheet

State = Literal["filled", "vague", "invalid", "empty", "not-asked"]

_PHONE: Final = re.compile(r"(\+?86)?1\d{10}|0\d{2,3}-?\d{7,8}(-\d{1,5})?")
_EARNED: Final[Mapping[State, float]] = {"filled": 1.0, "vague": 0.5, "invalid": 0.5, "empty": 0.0}


class Quality(msgspec.Struct, frozen=True):
    """What there is to say of a sheet.

    Attributes:
        score: 0 to 100, whole points.
        states: by item.
        missing: required items that are empty.
        wrong: items that are invalid or stand in a contradiction, in the sheet's order.
        contradictions: keys of `Items.contradictions`, each with the items that it concerns.
    """

    score: int
    states: Mapping[str, State]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    contradictions: Mapping[str, tuple[str, ...]]


def judge(sheet: Sheet, today: date) -> Quality:
    """The quality of a sheet on a day, which the resident's age depends on."""
    items = sheet_items().items
    age = _age(sheet, today)
    states = {key: _state(item, sheet.get(key), age, today) for key, item in items.items()}
    contradictions = _contradictions(sheet)
    against = {one for several in contradictions.values() for one in several}
    whole = earned = 0.0
    for key, item in items.items():
        if states[key] == "not-asked":
            continue
        whole += item.weight
        earned += 0.0 if key in against else item.weight * _EARNED[states[key]]
    invalid = {key for key, state in states.items() if state == "invalid"}
    return Quality(
        int(100 * earned / whole + 0.5) if whole else 0,
        states,
        tuple(key for key, item in items.items() if item.required and states[key] == "empty"),
        tuple(key for key in items if key in against | invalid),
        contradictions,
    )


def fits(item: Item, values: tuple[str, ...], today: date) -> bool:
    """Whether values may stand in an item."""
    if item.kind in ("code", "codes"):
        return all(one in item.codes for one in values) and (
            item.kind == "codes" or len(values) == 1
        )
    if any(not one.strip() or len(one) > 200 for one in values):
        return False
    if item.kind == "list":
        return len(values) <= 20
    (value,) = values if len(values) == 1 else ("",)
    if item.kind == "phone":
        return _PHONE.fullmatch(value) is not None
    if item.kind == "id-number":
        return parse_id_number(value) is not None
    if item.kind == "day-past":
        day = _day(value)
        return day is not None and date(1890, 1, 1) <= day <= today
    return bool(value)


def _state(item: Item, said: Said | None, age: int | None, today: date) -> State:
    if item.from_age and age is not None and age < item.from_age:
        return "not-asked"
    if said is None:
        return "empty"
    if not fits(item, said.values, today):
        return "invalid"
    return "vague" if set(said.values) <= set(item.vague) else "filled"


def _contradictions(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    both = tuple(
        key
        for key, item in sheet_items().items.items()
        if item.none and key in sheet
        and item.none in sheet[key].values and len(sheet[key].values) > 1
    )  # fmt: skip
    if both:
        found["none-and-some"] = both
    allergic = sheet.get("药物过敏史")
    if allergic is not None and set(allergic.values) - {"1"} and "allergies" not in sheet:
        found["allergy-unnamed"] = ("药物过敏史",)
    number = parse_id_number(_one(sheet, "id-number"))
    if number is not None:
        if _one(sheet, "birth") and _one(sheet, "birth") != str(number.birth_date):
            found["birth-number"] = ("birth", "id-number")
        if _one(sheet, "sex") in ("male", "female") and _one(sheet, "sex") != number.sex:
            found["sex-number"] = ("sex", "id-number")
    return found


def _one(sheet: Sheet, key: str) -> str:
    return sheet[key].values[0] if key in sheet else ""


def _age(sheet: Sheet, today: date) -> int | None:
    born = _day(_one(sheet, "birth"))
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
