"""Ages as documents want them: in the units that a kind knows (WS/T 500-2016, schemas)."""

from datetime import date

from minkang.exchange.documents.form import Binding, Form, Node

_DAYS = {"岁": 0, "月": 0, "周": 7, "天": 1, "日": 1}
_ANY = ("岁", "月", "天")


def units_of(form: Form) -> tuple[str, ...]:
    """The units of the age in a form; the usual ones where it leaves them open."""
    waiting: list[Node] = [form.root]
    while waiting:
        node = waiting.pop()
        for _, content in node.attributes:
            if isinstance(content, Binding) and content.path == ("patient", "age", "unit"):
                units = tuple(one for one in content.format.split(",") if one in _DAYS)
                return units or _ANY
        waiting += node.children
    return _ANY


def age_at(birth: date, day: date, units: tuple[str, ...]) -> tuple[int, str] | None:
    """The age on a day in the coarsest unit in which it is at least one.

    None before birth, and where a kind has no unit fine enough but years.
    """
    if day < birth:
        return None
    months = (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)
    ages = {"岁": months // 12, "月": months}
    ages |= {unit: (day - birth).days // size for unit, size in _DAYS.items() if size}
    known = [(ages[unit], unit) for unit in ("岁", "月", "周", "天", "日") if unit in units]
    return next((one for one in known if one[0] >= 1), known[-1] if known else None)
