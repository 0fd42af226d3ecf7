"""Indicators that follow from a tally: figures with their numerator and denominator."""

from collections.abc import Iterator
from typing import Final

import msgspec

from minkang.synth.record import World
from minkang.synth.truth.rows import Row
from minkang.synth.truth.tally import Tally


class Figure(msgspec.Struct, frozen=True):
    """One indicator: `value` is numerator / denominator x `factor`. `year` 0 is the last day."""

    key: str
    numerator: float
    denominator: float
    factor: float = 100.0
    unit: str = "%"
    year: int = 0
    month: int = 0
    part: str = ""

    @property
    def value(self) -> float:
        """The figure itself; 0 where there is nobody to divide by."""
        return self.factor * self.numerator / self.denominator if self.denominator else 0.0


def total(tally: Tally, what: str, year: int | None = None, part: str | None = None) -> float:
    """The sum of what was counted, of a year and part if they are named."""
    return sum(
        number
        for (key, when, group), number in tally.items()
        if key == what and (year is None or when == year) and (part is None or group == part)
    )


_PAIRS: Final = (
    ("hypertension-managed", "hypertension-managed", "hypertension"),
    ("hypertension-standard", "hypertension-standard", "hypertension-managed"),
    ("hypertension-found", "hypertension-found", "hypertension"),
    ("diabetes-managed", "diabetes-managed", "diabetes"),
    ("diabetes-standard", "diabetes-standard", "diabetes-managed"),
    ("diabetes-found", "diabetes-found", "diabetes"),
    ("old-checked", "old-checked", "old"),
    ("vaccinated", "vaccinated", "aged-two"),
    ("early-file", "early-file", "deliveries"),
    ("postnatal-visit", "postnatal-visit", "deliveries"),
    ("newborn-visit", "newborn-visited", "newborns"),
    ("child-managed", "child-managed", "aged-three"),
    ("caesarean", "caesarean", "deliveries"),
    ("mental-managed", "mental-managed", "mental"),
)


def figures(world: World, tally: Tally) -> Iterator[Figure]:
    """All indicators of a tally: of the last day, of every whole year, of every month."""
    for group in ("18-44", "45-59", "60+"):
        adults = total(tally, "adults", part=group)
        for key in ("hypertension", "diabetes"):
            yield Figure(key, total(tally, key, part=group), adults, part=group)
    for key, above, below in _PAIRS:
        yield Figure(key, total(tally, above), total(tally, below))
    yield Figure("mental", total(tally, "mental"), total(tally, "residents"), 1000, "‰")
    for year in whole_years(world):
        yield from of_year(world, tally, year)
    for (what, year, month), number in sorted(tally.items()):
        if what.startswith("infections/"):
            disease = what.partition("/")[2]
            years = total(tally, "person-years", year)
            yield Figure(
                "infections", number, years, 100_000, "/10万", year, int(month), disease
            )  # fmt: skip


def whole_years(world: World) -> list[int]:
    """Calendar years that the region lived from the first day to the last."""
    first = world.begin.year + ((world.begin.month, world.begin.day) != (1, 1))
    return list(range(first, world.today.year))


def of_year(world: World, tally: Tally, year: int) -> Iterator[Figure]:
    """What a yearbook says of one year.

    Occupancy is that of the city's beds if all residents were like these: bed-days a resident over
    bed-days a resident that there are.
    """
    people = total(tally, "person-years", year)
    visits = total(tally, "visits", year)
    days, discharges = total(tally, "bed-days", year), total(tally, "discharges", year)
    residents = sum(village.population for village in world.place.villages)
    beds = sum(institution.beds for institution in world.place.institutions)
    primary = total(tally, "visits", year, "grassroots")
    yield Figure("births", total(tally, "births", year), people, 1000, "‰", year)
    yield Figure("deaths", total(tally, "deaths", year), people, 1000, "‰", year)
    for group in ("0", "1-4", "5-14", "15-44", "45-64", "65-74", "75-84", "85+"):
        there = total(tally, "person-years", year, group)
        died = total(tally, "deaths", year, group)
        yield Figure("deaths", died, there, 1000, "‰", year, part=group)
    yield Figure("visits", visits, people, 1, "次", year)
    yield Figure("primary-share", primary, visits, 100, "%", year)
    yield Figure("tcm-share", total(tally, "visits-tcm", year), visits, 100, "%", year)
    yield Figure("admissions", total(tally, "admissions", year), people, 100, "%", year)
    yield Figure("stay", days, discharges, 1, "天", year)
    yield Figure("occupancy", days, people * 365.25 * beds / residents, 100, "%", year)


def rows(world: World, tally: Tally) -> Iterator[Row]:
    """The figures as rows of the truth's table `indicators`."""
    for one in figures(world, tally):
        yield (
            one.key, one.year, one.month, one.part, one.value, one.numerator, one.denominator,
            one.unit,
        )  # fmt: skip
