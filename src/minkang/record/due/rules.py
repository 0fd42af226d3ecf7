"""The services of `rules.yaml`, and when somebody is due for one. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources

import msgspec
import yaml

from minkang.record.questionnaires import form_of


class RulesBroken(Exception):  # noqa: N818 - reads as what happened
    """The file is not in order; the text names the service."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service; see the head of `rules.yaml`."""

    key: str
    zh: str
    en: str
    law: str
    done: tuple[str, ...]
    form: str
    care: str = ""
    age: int = 0
    born: int = 0
    delivered: bool = False
    every: int = 0
    after: tuple[int, ...] = ()
    grace: int = 0
    upto: int = 0


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    services: tuple[Service, ...]


def read_services(text: str) -> tuple[Service, ...]:
    """The rules of a text in YAML.

    Raises:
        RulesBroken: they are not in order.
    """
    try:
        found = msgspec.convert(yaml.safe_load(text), _File).services
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise RulesBroken(str(error)) from error
    for one in found:
        whom = [bool(one.care), bool(one.age), bool(one.born), one.delivered]
        if sum(whom) != 1 or bool(one.every) == bool(one.after) or not one.done:
            raise RulesBroken(f"{one.key}: one of care, age, born, delivered; every or after; done")
        if list(one.after) != sorted(one.after) or (one.form and form_of(one.form) is None):
            raise RulesBroken(f"{one.key}: after in order, form that exists")
    return found


@cache
def services() -> tuple[Service, ...]:
    """The rules of the release."""
    file = resources.files("minkang.record.due") / "rules.yaml"
    return read_services(file.read_text(encoding="utf-8"))


def due_day(
    service: Service, begun: date, done: Sequence[date], planned: date | None, today: date
) -> date | None:
    """The day on which somebody is due next, or was and is not seen yet; None if never again.

    Args:
        begun: of `every` when it began to apply; of `after` the birth or delivery.
        done: days of the service.
        planned: an agreed day; it counts if it lies before the rule's own, and after the last.
    """
    last = max(done, default=None)
    if service.every:
        first = begun if last is None else last + timedelta(days=service.every)
        sooner = planned is not None and (last is None or planned > last) and planned < first
        return planned if sooner else first
    if service.upto and today > begun + timedelta(days=service.upto):
        return None
    days = [begun + timedelta(days=after) for after in service.after]
    seen = sum(1 for day in done if day >= begun)
    if service.born:
        # A check that was missed is not made up for once the next one is due.
        grace = timedelta(days=service.grace)
        reached = [day for day in days if day <= today]
        current = reached[-1] if reached else days[0]
        if last is None or last < current - grace:
            return current
        return next((day for day in days if day > current and day - grace > last), None)
    return days[seen] if seen < len(days) else None


def next_day(form: str, born: date | None, day: date) -> date | None:
    """When a service done with a form on that day is due again; None if the norm does not say.

    A newborn's next is the first check-up of a child.
    """
    key = "child-checkup" if form == "newborn-visit" else form
    one = next((one for one in services() if one.form == key), None)
    if one is None:
        return None
    if one.every:
        return day + timedelta(days=one.every)
    if not one.born or born is None:
        return None
    return due_day(one, born, [day] if form == key else [], None, day)
