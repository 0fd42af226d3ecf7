"""The population: how many, how old, where, and what happened this year. Numbers only."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromQuery

from minkang.fhir.dates import LOCAL
from minkang.identity.register import (
    Count,
    bands,
    difference_counts,
    event_counts,
    person_years,
    population,
)
from minkang.identity.register.bands import UNKNOWN
from minkang.identity.register.divisions import above, digits_below, division_names
from minkang.identity.register.events import EVENT_KINDS
from minkang.identity.register.stays import Basis
from minkang.policy import Ask, decide
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.register_chart import pyramid
from minkang.web.register_words import (
    DIFFERENCES,
    EVENTS,
    SMALLEST,
    parsed_day,
    rounded,
    shown_people,
)
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_BASES: Final[dict[Basis, str]] = {"living": N_("常住人口"), "registered": N_("户籍人口")}
_COUNTIES: Final = 6


@get("/population")
async def population_page(
    web: WebParameter,
    visitor: VisitorParameter,
    division: FromQuery[str] = "",
    at: FromQuery[str] = "",
    basis: FromQuery[str] = "living",
) -> Response[Any]:
    """A division on a day: pyramid, parts, the year's events; differences for their desk.

    Without a day it is the first of this month, whose counts are kept.
    """
    division = division if division.isdigit() and len(division) <= 12 else ""
    await visitor.ask("see-population", object_type="population", object_id=division)
    exact = decide(Ask(account=visitor.account, action="see-register")).allowed
    today = visitor.now.astimezone(LOCAL).date()
    day = parsed_day(at, today) if at else today.replace(day=1)
    chosen: Basis = "registered" if basis == "registered" else "living"
    digits = digits_below(division) if division else _COUNTIES
    cells = await population(web.store, day, division=division, basis=chosen, digits=digits)
    names = await division_names(web.store, [*above(division), *{one.place for one in cells}])
    open_differences = await difference_counts(web.store, division) if exact else {}
    return visitor.page(
        "register/population.html",
        division=division,
        name=names.get(division, ""),
        crumbs=[(code, names[code]) for code in above(division)[1:-1]],
        day=day,
        basis=chosen,
        bases=[(key, visitor.say(words)) for key, words in _BASES.items()],
        exact=exact,
        smallest=SMALLEST,
        total=shown_people(sum(one.people for one in cells), exact=exact),
        **_by_age(cells, exact=exact),
        parts=_parts(cells, names, visitor, division, exact=exact),
        year=await _year(visitor, division, day, chosen, exact=exact),
        differences=[
            {"kind": kind, "words": visitor.say(DIFFERENCES[kind]), "count": count}
            for kind, count in open_differences.items()
            if count
        ],
    )


def _by_age(cells: Sequence[Count], *, exact: bool) -> dict[str, Any]:
    """The pyramid and the same numbers as rows; who has no known age or sex stands below."""
    names = bands()["five"].names
    sums: dict[tuple[str, str], int] = {}
    for one in cells:
        sums[one.age, one.sex] = sums.get((one.age, one.sex), 0) + one.people
    drawn = {
        sex: {name: _drawn(sums.get((name, sex), 0), exact=exact) for name in names}
        for sex in ("male", "female")
    }
    others = sum(n for (_, sex), n in sums.items() if sex not in ("male", "female"))
    ages = [*names, UNKNOWN] if any(age == UNKNOWN for age, _ in sums) else [*names]
    return {
        "chart": pyramid(names, drawn["male"], drawn["female"]),
        "ages": [
            {
                "name": name,
                "men": shown_people(sums.get((name, "male"), 0), exact=exact),
                "women": shown_people(sums.get((name, "female"), 0), exact=exact),
                "all": shown_people(
                    sum(n for (age, _), n in sums.items() if age == name), exact=exact
                ),
            }
            for name in ages
        ],
        "others": shown_people(others, exact=exact) if others else "",
    }


def _drawn(people: int, *, exact: bool) -> int:
    return people if exact else rounded(people)


def _parts(
    cells: Sequence[Count], names: dict[str, str], visitor: Visitor, division: str, *, exact: bool
) -> list[dict[str, str]]:
    """The divisions directly below, the largest first."""
    sums: dict[str, int] = {}
    for one in cells:
        sums[one.place] = sums.get(one.place, 0) + one.people
    if set(sums) <= {division}:
        return []
    return [
        {
            "code": code if len(code) > len(division) else "",
            "name": names[code] if code and code != division else visitor.say(N_("未注明")),
            "people": shown_people(people, exact=exact),
        }
        for code, people in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


async def _year(
    visitor: Visitor, division: str, day: date, basis: Basis, *, exact: bool
) -> dict[str, Any]:
    """What happened from 1 January to the day, and how often for a thousand person-years."""
    store, first, until = visitor.web.store, date(day.year, 1, 1), day + timedelta(days=1)
    counts = await event_counts(store, first, until, division=division)
    lived = await person_years(store, first, until, division=division, by=(), basis=basis)
    years = sum(one.years for one in lived)
    return {
        "first": first,
        "years": f"{years if exact else rounded(round(years)):,.0f}",
        "events": [
            {
                "kind": kind,
                "words": visitor.say(EVENTS[kind]),
                "people": shown_people(counts[kind], exact=exact),
                "rate": f"{1000 * counts[kind] / years:.2f}"
                if years and (exact or counts[kind] >= SMALLEST)
                else "",
            }
            for kind in EVENT_KINDS
        ],
    }
