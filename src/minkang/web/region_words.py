"""Words and numbers of the region's pages, and how much of a number is shown to whom.

Of people, and of what happened to them, nobody but the register's own desk learns a number from
1 to 4, as on the population's pages; shares and changes are made of the numbers that are shown.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Final, Literal

import msgspec

from minkang.accounts.organisation_kinds import KINDS
from minkang.record.region.days import span
from minkang.record.region.figures import Pair
from minkang.terminology.builtin import ICD10, code_system
from minkang.web.register_words import SMALLEST, rounded, shown_people
from minkang.web.rendering import N_

Say = Callable[[str], str]

PERIODS: Final[Mapping[int, str]] = {
    7: N_("近 7 天"),
    30: N_("近 30 天"),
    90: N_("近 90 天"),
    365: N_("近一年"),
}
CLASSES: Final[Mapping[str, str]] = {
    "AMB": N_("门诊"),
    "EMER": N_("急诊"),
    "IMP": N_("住院"),
    "HH": N_("上门"),
    "VR": N_("远程"),
}
NOTHING: Final = "—"


class Change(msgspec.Struct, frozen=True):
    """How a number differs from that of the period before; `text` is a percentage."""

    way: Literal["up", "down", "same"]
    text: str


def shown(people: int, *, exact: bool) -> str:
    """A number of people, or of what happened to them."""
    return shown_people(people, exact=exact)


def hidden(people: int, *, exact: bool) -> bool:
    """Whether a number is too small to be told."""
    return not exact and 0 < people < SMALLEST


def drawn(people: int, *, exact: bool) -> int:
    """The same as a chart draws it."""
    return people if exact else rounded(people)


def share(part: int, whole: int, *, exact: bool) -> str:
    """A percentage; nothing where it is of nobody, or would tell a small number."""
    value = share_value(part, whole, exact=exact)
    return NOTHING if value is None else f"{value:.1f}%" if exact else f"{value:.0f}%"


def share_value(part: int, whole: int, *, exact: bool) -> float | None:
    """The same as a number of 0 to 100."""
    if not whole or hidden(part, exact=exact) or hidden(whole, exact=exact):
        return None
    return 100 * drawn(part, exact=exact) / drawn(whole, exact=exact)


def change(pair: Pair, *, exact: bool) -> Change | None:
    """Against the period before; None where there was nothing, or it would tell a small number."""
    if not pair.before or hidden(pair.before, exact=exact) or hidden(pair.now, exact=exact):
        return None
    now, before = drawn(pair.now, exact=exact), drawn(pair.before, exact=exact)
    if now == before:
        return Change("same", "")
    return Change("up" if now > before else "down", f"{abs(now - before) / before:.0%}")


def change_of_score(now: float | None, before: float | None) -> Change | None:
    """Of points against points."""
    if now is None or before is None:
        return None
    if round(now, 1) == round(before, 1):
        return Change("same", "")
    return Change("up" if now > before else "down", f"{abs(now - before):.1f}")


def score_state(points: float | None) -> dict[str, str]:
    """Points of a hundred with the word that stands beside them."""
    if points is None:
        return {"text": "", "state": "none"}
    return {"text": f"{points:.1f}",
            "state": "ok" if points >= 95 else "warn" if points >= 80 else "bad"}  # fmt: skip


def kind_words(kind: str, language: str) -> str:
    """What a sort of institution is called; words of a source as they are."""
    known = KINDS.get(kind)
    if known is None:
        return kind
    return known.name_zh if language == "zh-CN" else known.name_en


@cache
def category_name(code: str) -> str:
    """What ICD-10 calls a category of three characters; where the table does not name it, its
    unspecified rest (.9), else its first code and others."""
    table = code_system(ICD10)
    if table is None:
        return code
    for tried in (code, f"{code}.900", f"{code}.x00"):
        at = table.position(tried)
        if at is not None and table.display(at) != tried:
            return table.display(at)
    below = table.descendants(code)
    return f"{table.display(below[0])}等" if below else code


def spans(days: int, today: date) -> dict[str, date]:
    """First and last day of the period, and of the one before."""
    first, last = span(days, today)
    earlier, until = span(days, today, before=True)
    return {"first": first, "last": last, "earlier": earlier, "until": until}
