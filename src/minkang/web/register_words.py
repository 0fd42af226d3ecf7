"""Words and masks of the population pages, and how numbers are shown to whom."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from minkang.identity.register.card import Resident
from minkang.identity.register.differ import DifferenceKind
from minkang.identity.register.events import EventKind
from minkang.identity.register.reconcile import Verdict
from minkang.identity.register.row import Kind, Status
from minkang.policy.mask import masked_name, masked_number
from minkang.web.rendering import N_
from minkang.web.wording import ZONE, age

Say = Callable[[str], str]

KINDS: Final[Mapping[Kind, str]] = {
    "settled": N_("户籍常住"),
    "away": N_("户籍外出"),
    "incoming": N_("流入"),
    "unknown": N_("未注明"),
}
STATUSES: Final[Mapping[Status, str]] = {
    "living": N_("在册"),
    "moved-out": N_("已迁出"),
    "died": N_("已死亡"),
}
EVENTS: Final[Mapping[EventKind, str]] = {
    "birth": N_("出生"),
    "death": N_("死亡"),
    "move-in": N_("迁入"),
    "move-out": N_("迁出"),
    "move": N_("区域内迁居"),
}
DIFFERENCES: Final[Mapping[DifferenceKind, str]] = {
    "died-register": N_("登记已死亡，之后仍有就诊"),
    "died-care": N_("就诊资料已死亡，登记仍在册"),
    "moved-seen": N_("登记已迁出，之后仍有就诊"),
    "twice": N_("同一人在册两次"),
    "birth-date": N_("出生日期不同"),
    "sex": N_("性别不同"),
    "name": N_("姓名不同"),
    "unregistered": N_("有就诊，未登记"),
    "unseen": N_("有登记，从未就诊"),
}
VERDICTS: Final[Mapping[Verdict, str]] = {
    "register-wrong": N_("登记有误，须由人口登记部门改正"),
    "care-wrong": N_("就诊资料有误，须由来源机构改正"),
    "both-right": N_("都没有错"),
    "reopened": N_("重新核对"),
}
SMALLEST: Final = 5
"""Of fewer people than this nobody but the register's own desk learns how many they are."""


def shown_people(people: int, *, exact: bool) -> str:
    """A number of people as a page shows it.

    Without `exact` 1 to 4 are "<5", and everything else is rounded to the next multiple of 5: so
    no small number can be found by taking one cell from a sum.
    """
    if exact:
        return f"{people:,}"
    if 0 < people < SMALLEST:
        return f"<{SMALLEST}"
    return f"{rounded(people):,}"


def rounded(people: int) -> int:
    """To the next multiple of five."""
    return (people + SMALLEST // 2) // SMALLEST * SMALLEST


def resident_line(one: Resident, place: str, say: Say, now: datetime) -> dict[str, Any]:
    """A row of the register as lists show it."""
    row = one.row
    return {
        "href": f"/population/residents/{row.patient}",
        "name": masked_name(one.name) or say(N_("未注明")),
        "sex": row.sex,
        "age": age(row.birth.isoformat() if row.birth else "", now.astimezone(ZONE).date()),
        "id_number": masked_number(one.id_number),
        "household": row.household,
        "relation": one.relation,
        "place": place,
        "kind": say(KINDS[row.kind]),
        "status": row.status,
        "status_words": say(STATUSES[row.status]),
    }


def parsed_day(text: str, otherwise: date) -> date:
    """A day that was typed, at most `otherwise`; that one where it is none."""
    try:
        return min(date.fromisoformat(text), otherwise)
    except ValueError:
        return otherwise
