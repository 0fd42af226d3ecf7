"""The counts that rates divide by: against a count that looks at everybody, one by one."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

import pytest

from minkang.identity.register import bands, person_years, population
from minkang.identity.register.keep import forget_counts
from minkang.identity.register.population import By, people_at
from minkang.identity.register.stays import BASES, OPEN, Basis, Stay
from minkang.store import Store

PLACES = ("371002003001", "371002003002", "371003106201", "371003", "")
SEXES = ("male", "female", "unknown")
BIRTHS = (date(2000, 2, 29), date(2001, 2, 28), date(1999, 3, 1), date(2004, 12, 31))

Person = tuple[str, date | None, tuple[Stay, ...]]


def someone(random: Random) -> Person:
    """Somebody with a life of one to three stays, odd days preferred."""
    birth = random.choice((*BIRTHS, date(1930, 1, 1) + timedelta(days=random.randrange(34_000))))
    begin = max(birth, birth + timedelta(days=random.choice((0, 0, random.randrange(20_000)))))
    stays = []
    for _ in range(random.choice((1, 1, 2, 3))):
        until = begin + timedelta(days=random.choice((1, 31, random.randrange(1, 9_000))))
        until = OPEN if random.random() < 0.4 else until
        stays.append(Stay(random.choice(BASES), begin, until, random.choice(PLACES)))
        if until == OPEN:
            break
        begin = until + timedelta(days=random.choice((0, 0, 400)))
    known = None if random.random() < 0.1 else birth
    return random.choice(SEXES), known, tuple(stays)


async def fill(store: Store, people: Iterable[Person], prefix: str) -> None:
    await store.pool.executemany(
        """insert into identity.register_stay (patient, basis, begin, until, place, sex, birth)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (f"{prefix}{at}", one.basis, one.begin, one.until, one.place, sex, birth)
            for at, (sex, birth, stays) in enumerate(people)
            for one in stays
        ],
    )


def age_on(birth: date | None, day: date) -> int | None:
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def counted(people: Iterable[Person], day: date, basis: Basis) -> Counter[tuple[str, str, str]]:
    single = bands()["five"]
    return Counter(
        (one.place, sex, single.name(age_on(birth, day)))
        for sex, birth, stays in people
        for one in stays
        if one.basis == basis and one.begin <= day < one.until
    )


@pytest.fixture
async def people(store: Store) -> list[Person]:
    await store.pool.execute(
        """truncate identity.register_stay, identity.register_counted, identity.register_count"""
    )
    random = Random(7)
    found = [someone(random) for _ in range(400)]
    await fill(store, found, "x")
    return found


async def test_any_day_counts_as_one_who_looks_at_everybody(
    store: Store, people: list[Person]
) -> None:
    random = Random(11)
    days = [date(1950, 1, 1) + timedelta(days=random.randrange(27_000)) for _ in range(25)]
    days += [date(2024, 2, 29), date(2023, 2, 28), date(2023, 3, 1), date(2020, 1, 1)]
    for day in days:
        for basis in BASES:
            expected = counted(people, day, basis)
            found = await population(store, day, basis=basis)
            assert {(c.place, c.sex, c.age): c.people for c in found} == dict(expected), day
            again = await population(store, day, basis=basis)
            assert again == found


async def test_cells_add_up_however_they_are_told_apart(store: Store, people: list[Person]) -> None:
    day = date(2020, 7, 1)
    whole = sum(counted(people, day, "living").values())
    assert whole > 50
    told_apart: tuple[tuple[By, ...], ...] = (
        (), ("age",), ("sex",), ("place",), ("age", "place"),
    )  # fmt: skip
    for by in told_apart:
        found = await population(store, day, by=by)
        assert sum(one.people for one in found) == whole
    town = await population(store, day, division="371002003", by=("place",), digits=9)
    assert [one.place for one in town] == ["371002003"]
    inside = {key: n for key, n in counted(people, day, "living").items() if key[0] == PLACES[0]}
    assert await people_at(store, day, division=PLACES[0]) == sum(inside.values())
    names = bands()["three"].names
    found = await population(store, day, by=("age",), bands="three")
    assert [one.age for one in found] == [*names, "unknown"]


async def test_a_kept_count_ends_with_what_it_counted(store: Store, people: list[Person]) -> None:
    day, later = date(2020, 1, 1), date(2026, 1, 1)
    for one in (day, later):
        await population(store, one)
    stay = Stay("living", date(2019, 5, 5), date(2020, 5, 5), PLACES[0])
    await fill(store, [("male", date(1980, 1, 1), (stay,))], "y")
    async with store.pool.acquire() as connection, connection.transaction():
        await forget_counts(connection, [stay])
    kept = await store.pool.fetch(
        "select day from identity.register_counted where basis = 'living'"
    )
    assert [row["day"] for row in kept] == [later]
    expected = counted([*people, ("male", date(1980, 1, 1), (stay,))], day, "living")
    found = await population(store, day)
    assert {(c.place, c.sex, c.age): c.people for c in found} == dict(expected)


async def test_time_lived_is_the_days_of_everybody(store: Store, people: list[Person]) -> None:
    five = bands()["five"]
    for first, until in (
        (date(2023, 1, 1), date(2024, 1, 1)),
        (date(2024, 2, 28), date(2024, 3, 2)),
        (date(2020, 6, 15), date(2022, 6, 15)),
    ):
        expected: Counter[tuple[str, str, str]] = Counter()
        day = first
        while day < until:
            for key, n in counted(people, day, "living").items():
                expected[key] += n
            day += timedelta(days=1)
        found = await person_years(store, first, until, bands=five)
        assert {(c.place, c.sex, c.age): c.days for c in found} == dict(expected)
        whole = await person_years(store, first, until, by=())
        assert sum(one.days for one in whole) == sum(expected.values())
    assert whole[0].years == pytest.approx(whole[0].days / 365.25)


async def test_a_period_that_ends_before_it_begins_is_none(store: Store) -> None:
    with pytest.raises(ValueError, match="must end"):
        await person_years(store, date(2024, 1, 1), date(2024, 1, 1))
    with pytest.raises(KeyError):
        await population(store, date(2024, 1, 1), bands="none such")
