"""What the region is: measures of place and thin lives under the keys of `tolerances.EXPECTED`."""

from collections.abc import Iterator
from datetime import date
from math import sqrt
from typing import Any, Final

import msgspec
import numpy as np

from minkang.synth.people.block import HOUSEHOLDS
from minkang.synth.people.demography import EPOCH, NEVER, YEAR
from minkang.synth.people.infections import KEYS
from minkang.synth.people.moves import OPEN
from minkang.synth.people.thin import ThinBlock, thin_block
from minkang.synth.place.kinds import KINDS, PROFESSIONAL_PUBLIC_HEALTH
from minkang.synth.record import World
from minkang.synth.truth.indicators import Figure, total, whole_years
from minkang.synth.truth.tally import Tally

_AGES: Final = np.array([0, 1, 5, 15, 45, 60, 65, 75, 85])
_TOP: Final = 100
_MENTAL: Final = ("mental-hospital", "small-mental")
_PLANNED: Final = date(2020, 12, 31)
"""The day that the plans tell of."""


class Measure(msgspec.Struct, frozen=True):
    """A measured value; `low` and `high` bound it with 95 %, where it is a count of something."""

    value: float
    count: float = 0.0
    low: float = 0.0
    high: float = 0.0


def place_measures(world: World) -> dict[str, Measure]:
    """What stands in the place: counts, and rates of the residents it is built for."""
    place: Any = world.place
    thousand = place.population / 1000
    kinds: dict[str, int] = {}
    beds: dict[str, int] = {}
    staff: dict[str, int] = {}
    for one in place.institutions:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
        beds["all"] = beds.get("all", 0) + one.beds
        beds[one.rank] = beds.get(one.rank, 0) + one.beds
        if KINDS[one.kind].code.startswith("A2"):
            beds["tcm"] = beds.get("tcm", 0) + one.beds
        if one.kind in _MENTAL:
            beds["mental"] = beds.get("mental", 0) + one.beds
        for department in one.departments:
            if department.key == "intensive":
                beds["intensive"] = beds.get("intensive", 0) + department.beds
        public = one.kind in PROFESSIONAL_PUBLIC_HEALTH
        for member in place.staff(one, _PLANNED):
            for kind in _kinds_of_staff(member, public):
                staff[kind] = staff.get(kind, 0) + 1
    values = {
        "institutions": float(len(place.institutions)),
        "hospitals": float(sum(kinds[kind] for kind in kinds if KINDS[kind].hospital)),
        "township-centres": float(kinds["township-centre"]),
        "village-rooms": float(kinds["village-room"]),
        "community-centres": float(kinds["community-centre"] + kinds["community-station"]),
        "ems-stations": float(len(place.stations)),
        "beds": beds["all"] / thousand,
        "beds-primary": beds.get("grassroots", 0) / thousand,
        "beds-tcm": beds.get("tcm", 0) / thousand,
        "beds-mental": beds.get("mental", 0) / thousand,
        "beds-intensive": beds.get("intensive", 0) / thousand,
        "physicians": staff["physician"] / thousand,
        "physicians-tcm": staff["tcm"] / thousand,
        "nurses": staff["nurse"] / thousand,
        "public-health-staff": staff["public-health"] / thousand,
    }
    return {key: Measure(value) for key, value in values.items()}


def _kinds_of_staff(member: Any, public: bool) -> Iterator[str]:
    """As the yearbook counts: physicians by licence, public health by the institution."""
    if member.role in ("doctor", "assistant"):
        yield "physician"
        if member.category == "中医":
            yield "tcm"
    elif member.role == "nurse":
        yield "nurse"
    if public:
        yield "public-health"


class Thin(msgspec.Struct):
    """Sums over thin lives; `households` are those with anybody at home.

    Arrays are by age group of _AGES, or by year of age up to 100.
    """

    households: int
    residents: Any  # at the census of 2020, by group
    years: Any  # person-years, by year of age
    deaths: Any  # by year of age
    births: int = 0
    boys: int = 0
    infants: int = 0
    under_five: float = 0.0
    cohort_infant: int = 0  # born a year or more before today
    cohort_five: int = 0
    five: int = 0
    mothers: int = 0
    person_years: float = 0.0
    cases: Any = None  # disease x month since the first day's month


def thin_sums(world: World, first: int, last: int) -> Thin:
    """Sums over the thin lives of households from `first` to before `last`, block by block."""
    months = (world.today.year - world.begin.year) * 12 + world.today.month - world.begin.month + 1
    found = Thin(
        0, np.zeros(len(_AGES)), np.zeros(_TOP + 1), np.zeros(_TOP + 1),
        cases=np.zeros((len(KEYS), months)),
    )  # fmt: skip
    for at in range(first, last, HOUSEHOLDS):
        count = min(HOUSEHOLDS, last - at)
        _add_block(found, world, thin_block(world, at, count))
    return found


def _add_block(found: Thin, world: World, block: ThinBlock) -> None:
    people = block.people
    begin, today = world.begin.toordinal() - EPOCH, world.today.toordinal() - EPOCH
    start = np.maximum(np.maximum(people.birth, begin), people.arrived)
    end = np.minimum(np.minimum(people.death, people.left), today)
    here = end > start
    census = date(2020, 11, 1).toordinal() - EPOCH
    then = (start <= census) & (end > census) & here
    if begin > census:
        then = here & (start <= begin)
        census = begin
    found.households += len(np.unique(people.household[then]))
    ages = ((census - people.birth[then]) / YEAR).astype(int)
    found.residents += np.bincount(
        np.searchsorted(_AGES, ages, side="right") - 1, minlength=len(_AGES)
    )
    _exposure(found, people.birth[here], start[here], end[here])
    died = here & (people.death < today) & (people.death >= begin) & (people.death <= people.left)
    at_death = np.minimum((people.death[died] - people.birth[died]) / YEAR, _TOP).astype(int)
    found.deaths += np.bincount(at_death, minlength=_TOP + 1)
    found.person_years += float((end[here] - start[here]).sum() / YEAR)
    _births(found, people, begin, today)
    _mothers(found, people, begin, today)
    _cases(found, world, people, begin, today)


def _exposure(found: Thin, birth: Any, start: Any, end: Any) -> None:
    """Person-years by year of age: what had been lived at the end, less that at the start."""
    found.years += _lived_by((end - birth) / YEAR) - _lived_by((start - birth) / YEAR)


def _lived_by(ages: Any) -> Any:
    """Years lived in each year of age by people of these exact ages, the last one open."""
    whole = np.minimum(ages, _TOP).astype(int)
    counts = np.bincount(whole, minlength=_TOP + 1)
    begun = np.bincount(whole, weights=ages - whole, minlength=_TOP + 1)
    return counts[::-1].cumsum()[::-1] - counts + begun


def _births(found: Thin, people: Any, begin: int, today: int) -> None:
    born = (people.birth >= begin) & (people.birth < today) & (people.arrived == OPEN)
    found.births += int(born.sum())
    found.boys += int((born & people.male).sum())
    for years, cohort, died in ((1, "cohort_infant", "infants"), (5, "cohort_five", "five")):
        whole = born & (people.birth < today - years * 365.25)
        lost = whole & (people.death - people.birth < years * YEAR)
        setattr(found, cohort, getattr(found, cohort) + int(whole.sum()))
        setattr(found, died, getattr(found, died) + int(lost.sum()))


def _mothers(found: Thin, people: Any, begin: int, today: int) -> None:
    """Deaths of women from the pregnancy on to the 42nd day after its end."""
    women = people.pregnant
    death = people.death[women]
    lost = (death >= people.last_period) & (death <= people.ended + 42)
    within = (death >= begin) & (death < today) & (death < NEVER)
    found.mothers += len(np.unique(women[lost & within]))


def _cases(found: Thin, world: World, people: Any, begin: int, today: int) -> None:
    within = (people.onset >= begin) & (people.onset < today)
    months = people.onset[within].astype("datetime64[D]").astype("datetime64[M]").astype(int)
    first = (world.begin.year - 1970) * 12 + world.begin.month - 1
    np.add.at(found.cases, (people.disease[within], months - first), 1)


def merged(parts: list[Thin]) -> Thin:
    """Sums of several ranges together."""
    whole = parts[0]
    for part in parts[1:]:
        for name in Thin.__struct_fields__:
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
    return whole


def thin_measures(world: World, sums: Thin) -> dict[str, Measure]:
    """Measures of the thin lives."""
    groups, residents = sums.residents, float(sums.residents.sum())
    ages = np.arange(_TOP + 1)

    def share(first: int) -> Measure:
        return Measure(100 * float(groups[np.searchsorted(_AGES, first) :].sum()) / residents)

    def deaths(first: int, last: int) -> Measure:
        rows = (ages >= first) & (ages < last)
        return rate(float(sums.deaths[rows].sum()), float(sums.years[rows].sum()), 1000)

    girls = sums.births - sums.boys
    spread = 1.96 * sqrt(1 / max(sums.boys, 1) + 1 / max(girls, 1))
    ratio = sums.boys / max(girls, 1)
    all_deaths = float(sums.deaths.sum())
    return {
        "household-size": Measure(residents / sums.households),
        "age-0-14": Measure(100 * float(groups[:3].sum()) / residents),
        "age-60": share(60),
        "age-65": share(65),
        "births": rate(sums.births, sums.person_years, 1000),
        "sex-ratio": Measure(
            100 * ratio, sums.births, 100 * ratio * (1 - spread), 100 * ratio * (1 + spread)
        ),
        "deaths": rate(all_deaths, sums.person_years, 1000),
        "deaths-45-64": deaths(45, 65),
        "deaths-65-74": deaths(65, 75),
        "deaths-75-84": deaths(75, 85),
        "deaths-85": deaths(85, 200),
        "life-expectancy": Measure(life_expectancy(sums), all_deaths),
        "infant-mortality": rate(sums.infants, sums.cohort_infant, 1000),
        "under-five-mortality": rate(sums.five, sums.cohort_five, 1000),
        "maternal-mortality": rate(sums.mothers, sums.births, 100_000),
    }


def life_expectancy(sums: Thin) -> float:
    """Expectation of life at birth by the period life table of single years of age."""
    alive, years = 1.0, 0.0
    for age in range(_TOP):
        exposed = max(float(sums.years[age]), 1e-9)
        hazard = float(sums.deaths[age]) / exposed
        lives = 0.1 if age == 0 else 0.5
        dying = min(hazard / (1 + (1 - lives) * hazard), 1.0)
        years += alive * (1 - dying * (1 - lives))
        alive *= 1 - dying
    last = float(sums.deaths[_TOP]) / max(float(sums.years[_TOP]), 1e-9)
    return years + (alive / last if last else 0.0)


def rate(count: float, over: float, factor: float) -> Measure:
    """A rate with the 95 % interval of its count (Byar's approximation of the Poisson limits)."""
    if not over:
        return Measure(0.0, 0.0, 0.0, float("inf"))
    low = count * (1 - 1 / (9 * count) - 1.96 / (3 * sqrt(count))) ** 3 if count else 0.0
    upper = count + 1
    high = upper * (1 - 1 / (9 * upper) + 1.96 / (3 * sqrt(upper))) ** 3
    return Measure(factor * count / over, count, factor * low / over, factor * high / over)


def share_of(figure: Figure) -> Measure:
    """A figure of full lives; the interval is Wilson's where it is a share, else Byar's."""
    number, over = figure.numerator, figure.denominator
    if figure.factor != 100 or number > over or not over:
        return rate(number, over, figure.factor)
    p, z = number / over, 1.96
    centre = (p + z * z / (2 * over)) / (1 + z * z / over)
    half = z * sqrt(p * (1 - p) / over + z * z / (4 * over * over)) / (1 + z * z / over)
    return Measure(100 * p, number, 100 * (centre - half), 100 * (centre + half))


def full_measures(world: World, tally: Tally, figures: list[Figure]) -> dict[str, Measure]:
    """Measures of full lives; those of a year are means over the whole years."""
    found: dict[str, Measure] = {}
    for figure in figures:
        if figure.key in ("hypertension", "diabetes"):
            found[f"{figure.key}-{figure.part.removesuffix('+')}"] = share_of(figure)
        elif not figure.year:
            found[figure.key] = share_of(figure)
    years = whole_years(world)
    for key in ("visits", "primary-share", "admissions", "stay", "occupancy"):
        own = [one for one in figures if one.key == key and one.year in years]
        above, below = sum(o.numerator for o in own), sum(o.denominator for o in own)
        if below:
            found[key] = Measure(own[0].factor * above / below, above)
    if not total(tally, "mental"):
        found.pop("mental-managed", None)
    return found
