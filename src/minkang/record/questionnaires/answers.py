"""Answers to a form as they were typed, read, and what is wrong with each of them.

Fields are named by linkId; a choice that repeats has a field `link.code` for each option, a row of
a repeating group `link.row`. What is not asked (`enableWhen`) counts as not answered.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, TypeAlias

import msgspec

from minkang.record.questionnaires.definitions import Form, Item

Value: TypeAlias = str | Decimal | date
Rule = Literal[
    "required", "no-number", "no-whole-number", "too-low", "too-high", "too-precise", "no-date",
    "no-such-option", "not-together", "too-long", "no-text",
    "date-ahead", "date-too-old", "diastolic", "not-controlled", "controlled", "reaction",
    "complication", "next-not-after", "next-within", "refer", "no-name",
    "delivered-after", "stage", "judged",
]  # fmt: skip

_LONGEST: Final = {"string": 200, "text": 4000}
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with the answer of a field; `limit` as text where a rule has one."""

    field: str
    rule: Rule
    limit: str = ""


class Answers(msgspec.Struct, frozen=True):
    """What was answered.

    Attributes:
        values: by field; of a choice that repeats a value for the field `link.code`.
        asked: linkIds of all items that are asked.
        faults: in the order of the form.
    """

    form: Form
    values: Mapping[str, Value]
    asked: frozenset[str]
    faults: tuple[Fault, ...] = ()

    def text(self, link: str) -> str:
        """A string or the code of a choice; '' without an answer."""
        found = self.values.get(link)
        return found if isinstance(found, str) else ""

    def number(self, link: str) -> Decimal | None:
        """A number; None without an answer."""
        found = self.values.get(link)
        return found if isinstance(found, Decimal) else None

    def day(self, link: str) -> date | None:
        """A date; None without an answer."""
        found = self.values.get(link)
        return found if isinstance(found, date) else None

    def chosen(self, link: str) -> tuple[str, ...]:
        """The codes chosen of a choice that repeats, in the order of the form."""
        options = self.form.item(link).options
        return tuple(one.code for one in options if f"{link}.{one.code}" in self.values)


def read_answers(form: Form, given: Mapping[str, str]) -> Answers:
    """Read what was typed; every fault is found, none is raised."""
    typed = {name: _CONTROL.sub("", text).strip() for name, text in given.items()}
    asked = frozenset(_asked(form.items, typed))
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for item in form.each():
        if item.link not in asked or item.kind == "group":
            continue
        for field in fields_of(form, item):
            _read(item, field, typed.get(field, ""), values, faults)
        _missing(form, item, values, faults)
    return Answers(form, values, asked, tuple(faults))


def fields_of(form: Form, item: Item) -> tuple[str, ...]:
    """The names of an item's fields."""
    if item.kind == "choice" and item.repeats:
        return tuple(f"{item.link}.{option.code}" for option in item.options)
    rows = next((one.rows for one in form.items if one.repeats and item in one.items), 0)
    return tuple(f"{item.link}.{row}" for row in range(rows)) if rows else (item.link,)


def _asked(items: tuple[Item, ...], typed: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for one in items:
        if all((typed.get(w.question, "") == w.code) == (w.operator == "=") for w in one.when):
            found += [one.link, *_asked(one.items, typed)]
    return found


def _missing(form: Form, item: Item, values: Mapping[str, Value], faults: list[Fault]) -> None:
    fields = fields_of(form, item)
    answered = [field for field in fields if field in values]
    wrong = {fault.field for fault in faults}
    if item.required and not answered and not wrong & set(fields):
        faults.append(Fault(item.link, "required"))
    exclusive = {f"{item.link}.{one.code}" for one in item.options if one.exclusive}
    if len(answered) > 1 and exclusive & set(answered):
        faults.append(Fault(item.link, "not-together"))


def _read(item: Item, field: str, text: str, values: dict[str, Value], faults: list[Fault]) -> None:
    if not text:
        return
    found = _value(item, field, text)
    if isinstance(found, Fault):
        faults.append(found)
    else:
        values[field] = found


def _value(item: Item, field: str, text: str) -> Value | Fault:
    if item.kind in ("integer", "decimal"):
        return _number(item, field, text)
    if item.kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return Fault(field, "no-date")
    if item.kind == "choice":
        if item.repeats:
            return field.rpartition(".")[2]
        known = text in {one.code for one in item.options}
        return text if known else Fault(field, "no-such-option")
    longest = _LONGEST[item.kind]
    return text if len(text) <= longest else Fault(field, "too-long", str(longest))


def _number(item: Item, field: str, text: str) -> Value | Fault:
    if not _NUMBER.fullmatch(text):
        return Fault(field, "no-number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Fault(field, "no-number")
    places = -int(number.as_tuple().exponent)
    if item.kind == "integer" and places > 0:
        return Fault(field, "no-whole-number")
    if item.kind == "decimal" and places > item.places:
        return Fault(field, "too-precise", str(item.places))
    if item.low is not None and number < item.low:
        return Fault(field, "too-low", f"{item.low}")
    if item.high is not None and number > item.high:
        return Fault(field, "too-high", f"{item.high}")
    return number
