"""How many people there are (常住人口) or are registered (户籍人口), on any day: the denominators.

Counted from the dated stays, so that any past day can be asked for, as it is known today. Counts of
the first days of months, which reports ask for again and again, are kept until a change concerns
them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, Literal

import msgspec

from minkang.identity.register.bands import Bands
from minkang.identity.register.bands import bands as band_sets
from minkang.identity.register.stays import Basis
from minkang.store import Connection, Store

By = Literal["age", "sex", "place"]

LOCK: Final = (0x6D6B, 23)
"""Taken by who changes stays, and by who keeps counts of them: never both at once."""

_FINE: Final = """
    insert into identity.register_count (day, basis, place, sex, age, people)
    select $1, $2, s.place, s.sex,
           coalesce(cardinality($3::date[]) - width_bucket(s.birth, $3::date[]), 0) - 1, count(*)
    from identity.register_stay s
    where s.basis = $2 and s.begin <= $1 and s.until > $1
    group by 3, 4, 5"""
"""$1 day, $2 basis, $3 `_born_by` of all single ages."""

_NOW: Final = """
    select left(s.place, $4) as place, case when $5 then s.sex else '' end as sex,
           case when $6::date[] is null then -1
           else coalesce(cardinality($6::date[]) - width_bucket(s.birth, $6::date[]), 0)
           end as band, count(*)::int as people
    from identity.register_stay s
    where s.basis = $2 and s.begin <= $1 and s.until > $1 and starts_with(s.place, $3)
    group by 1, 2, 3"""
"""$1 day, $2 basis, $3 division, $4 digits, $5 whether by sex, $6 `_born_by` of the bands."""

_KEPT: Final = """
    select left(s.place, $4) as place, case when $5 then s.sex else '' end as sex,
           case when $6::int[] is null then -1 else width_bucket(s.age, $6::int[]) end as band,
           sum(s.people)::int as people
    from identity.register_count s
    where s.day = $1 and s.basis = $2 and starts_with(s.place, $3)
    group by 1, 2, 3"""
"""As `_NOW`, but $6 the first ages of the bands."""

_OLDEST: Final = 130  # years: nobody is told apart who is older


class Count(msgspec.Struct, frozen=True, order=True):
    """People of one cell; what was not asked for is empty.

    Attributes:
        place: a division, as many digits as were asked for.
        sex: FHIR administrative gender.
        age: an age band's name (see `Bands.name`).
    """

    place: str
    sex: str
    age: str
    people: int


async def population(
    store: Store,
    at: date,
    *,
    division: str = "",
    by: tuple[By, ...] = ("age", "sex", "place"),
    basis: Basis = "living",
    bands: str | Bands = "five",
    digits: int = 12,
) -> tuple[Count, ...]:
    """The people of a division (all: '') on a day, in order of place, sex and age.

    Who was born, came, died or left on that day counts. `digits` is how deep places are told apart:
    6 counties, 9 towns, 12 villages and communities. `bands` names a set of age bands, or is one.
    The population in the middle of a year is that of 1 July.

    Raises:
        KeyError: no set of bands is called so.
    """
    chosen = band_sets()[bands] if isinstance(bands, str) else bands
    wanted = (division, digits if "place" in by else 0, "sex" in by)
    rows = await _cells(store, at, basis, wanted, chosen.first if "age" in by else None)
    names = {place: chosen.name_at(place) for place in range(len(chosen.first) + 1)}
    # People of an unknown age are the band 0, and stand last.
    rows.sort(key=lambda row: (row["place"], row["sex"], row["band"] or len(names)))
    return tuple(
        Count(row["place"], row["sex"], names.get(row["band"], ""), row["people"]) for row in rows
    )


async def people_at(store: Store, at: date, *, division: str = "", basis: Basis = "living") -> int:
    """How many people there are in all on a day."""
    found = await population(store, at, division=division, by=(), basis=basis)
    return sum(one.people for one in found)


async def _cells(
    store: Store, at: date, basis: Basis, wanted: tuple[Any, ...], ages: tuple[int, ...] | None
) -> list[Any]:
    """The cells of a day: of the kept counts, which are made now if the day is worth it."""

    async def of(connection: Connection, *, kept: bool) -> list[Any]:
        begins = None if ages is None else list(ages) if kept else _born_by(at, ages)
        return list(await connection.fetch(_KEPT if kept else _NOW, at, basis, *wanted, begins))

    async with store.readers.lent() as connection:
        kept = at.day == 1 and await _is_kept(connection, at, basis)
        if kept or at.day != 1:
            return await of(connection, kept=kept)
    async with store.pool.acquire() as connection, connection.transaction():
        kept = bool(await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *LOCK))
        if kept:
            await _keep(connection, at, basis)
        return await of(connection, kept=kept)


def _born_by(at: date, ages: Sequence[int]) -> list[date]:
    """For each age the first birth date of those who are not that old on a day, rising.

    Who is born on 29 February is a year older on 1 March where a year has no such day.
    """
    found = []
    for age in reversed(ages):
        try:
            birthday = at.replace(year=at.year - age)
        except ValueError:
            birthday = date(at.year - age, 2, 28)
        found.append(birthday + timedelta(days=1))
    return found


async def _is_kept(connection: Connection, at: date, basis: Basis) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from identity.register_counted where day = $1 and basis = $2)",
            at,
            basis,
        )
    )


async def _keep(connection: Connection, at: date, basis: Basis) -> None:
    """Count a day and keep it; the caller holds the lock."""
    made = await connection.fetchval(
        """insert into identity.register_counted (day, basis) values ($1, $2)
           on conflict do nothing returning day""",
        at,
        basis,
    )
    if made is not None:
        await connection.execute(_FINE, at, basis, _born_by(at, range(_OLDEST + 1)))
