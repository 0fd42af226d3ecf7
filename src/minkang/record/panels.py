"""Results as a laboratory sends them: a report with its items together; and items by days."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.fhir import local_reference
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.record.results import Result, Series
from minkang.store import Stored

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_NEVER_WAS: Final = ("entered-in-error", "cancelled")


class Panel(msgspec.Struct, frozen=True):
    """A report and its items; `conclusion` is what the laboratory wrote beneath it."""

    name: str
    at: datetime | None
    status: str
    results: tuple[Result, ...]
    conclusion: str
    origin: Origin

    @property
    def abnormal(self) -> int:
        """How many items are out of the ordinary."""
        return sum(one.abnormal for one in self.results)


class Grid(msgspec.Struct, frozen=True):
    """Items by days: `cells` has a row for each series, in it the newest result of each day."""

    days: tuple[date, ...]
    rows: tuple[Series, ...]
    cells: tuple[tuple[Result | None, ...], ...]


class Chosen(msgspec.Struct, frozen=True):
    """What a reader wants to see of the results; empty is everything."""

    abnormal: bool = False
    critical: bool = False
    institution: str = ""
    since: date | None = None
    until: date | None = None


def chosen_of(results: Iterable[Result], chosen: Chosen) -> tuple[Result, ...]:
    """The results that fit what is chosen, in their order; days are those of Beijing time."""
    return tuple(one for one in results if _fits(one, chosen))


def panels_of(
    reports: Iterable[Stored], results: Iterable[Result], names: Names
) -> tuple[Panel, ...]:
    """Reports with at least one of the results, newest first."""
    by_id: dict[str, list[Result]] = {}
    for result in results:
        by_id.setdefault(result.origin.id, []).append(result)
    found = []
    for stored in reports:
        resource = stored.resource
        if resource.get("status") in _NEVER_WAS:
            continue
        targets = [local_reference(one) for one in resource.get("result", [])]
        inside = [r for target in targets if target for r in by_id.get(target[1], ())]
        if inside:
            found.append(
                Panel(
                    concept_text(resource.get("code")),
                    moment(resource.get("effectiveDateTime") or resource.get("issued")),
                    str(resource.get("status", "")),
                    tuple(inside),
                    str(resource.get("conclusion", "")),
                    origin_of(stored, names),
                )
            )
    return tuple(sorted(found, key=lambda p: (p.at is not None, p.at), reverse=True))


def grid_of(series: Sequence[Series], columns: int) -> Grid:
    """Items by the newest days that any of them was measured on, newest day first."""
    days = sorted({day_of(r) for one in series for r in one.results if r.at}, reverse=True)
    shown = tuple(days[:columns])
    cells = []
    for one in series:
        newest: dict[date, Result] = {}
        for result in one.results:
            if result.at is not None:
                newest.setdefault(day_of(result), result)
        cells.append(tuple(newest.get(day) for day in shown))
    kept = [at for at, row in enumerate(cells) if any(row)]
    return Grid(shown, tuple(series[at] for at in kept), tuple(cells[at] for at in kept))


def day_of(result: Result) -> date:
    """The day of a result in Beijing time; the first of all days if it has none."""
    return result.at.astimezone(_ZONE).date() if result.at else date.min


def _fits(result: Result, chosen: Chosen) -> bool:
    day = day_of(result)
    return (
        (not chosen.abnormal or result.abnormal)
        and (not chosen.critical or result.critical)
        and (not chosen.institution or result.origin.organisation == chosen.institution)
        and (chosen.since is None or day >= chosen.since)
        and (chosen.until is None or day <= chosen.until)
    )
