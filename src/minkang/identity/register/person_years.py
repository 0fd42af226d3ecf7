"""Time lived: the denominators of rates over a period, exact to the day and the birthday.

Nobody is a whole person-year who came in March; nobody is 64 for a whole year who turned 65 in it.
Days are added up between birthdays (Lexis: each day at the age that somebody has on it), and a year
is 365.25 of them.
"""

from datetime import date
from typing import Final

import msgspec

from minkang.identity.register.bands import Bands
from minkang.identity.register.bands import bands as band_sets
from minkang.identity.register.population import By
from minkang.identity.register.stays import Basis
from minkang.store import Store

DAYS_OF_A_YEAR: Final = 365.25


class PersonYears(msgspec.Struct, frozen=True, order=True):
    """Days lived of one cell; what was not asked for is empty (see `Count`)."""

    place: str
    sex: str
    age: str
    days: int

    @property
    def years(self) -> float:
        """The same in years."""
        return self.days / DAYS_OF_A_YEAR


async def person_years(
    store: Store,
    first: date,
    until: date,
    *,
    division: str = "",
    by: tuple[By, ...] = ("age", "sex", "place"),
    basis: Basis = "living",
    bands: str | Bands = "five",
    digits: int = 12,
) -> tuple[PersonYears, ...]:
    """The days lived from `first` to before `until`, as `population` tells people apart.

    Who is born on 29 February has the birthday on 1 March where a year has no such day.

    Raises:
        KeyError: no set of bands is called so.
        ValueError: the period is empty.
    """
    if first >= until:
        raise ValueError("a period must end after it begins")
    chosen = band_sets()[bands] if isinstance(bands, str) else bands
    by_age = "age" in by
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            _BY_AGE if by_age else _AGELESS,
            first, until, basis, division, digits if "place" in by else 0, "sex" in by,
            *([list(chosen.first)] if by_age else []),
        )  # fmt: skip
    names = {place: chosen.name_at(place) for place in range(len(chosen.first) + 1)}
    found = sorted(rows, key=lambda row: (row["place"], row["sex"], row["band"] or len(names)))
    return tuple(
        PersonYears(row["place"], row["sex"], names.get(row["band"], ""), row["days"])
        for row in found
    )


_WITHIN: Final = """
    select left(s.place, $5) as place, case when $6 then s.sex else '' end as sex, s.birth,
           greatest(s.begin, $1::date) as begin, least(s.until, $2::date) as until
    from identity.register_stay s
    where s.basis = $3 and s.begin < $2 and s.until > $1 and starts_with(s.place, $4)"""

_AGELESS: Final = f"""
    select place, sex, -1 as band, sum(until - begin)::bigint as days
    from ({_WITHIN}) w group by 1, 2"""  # noqa: S608 - no value stands in the text

_BIRTHDAY: Final = """case when extract(month from birth) = 2 and extract(day from birth) = 29
    then (birth - 1 + make_interval(years => {age}))::date + 1
    else (birth + make_interval(years => {age}))::date end"""

_BY_AGE: Final = f"""
    with alike as materialized (
        select place, sex, birth, begin, until, count(*) as people
        from ({_WITHIN}) w group by 1, 2, 3, 4, 5)
    select place, sex, width_bucket(age, $7::int[]) as band,
           sum(people * (least(until, following) - greatest(begin, birthday)))::bigint as days
    from (
        select l.*, a.age, {_BIRTHDAY.format(age="a.age")} as birthday,
               {_BIRTHDAY.format(age="a.age + 1")} as following
        from alike l cross join lateral generate_series(
            extract(year from age(begin, birth))::int,
            extract(year from age(until - 1, birth))::int) as a(age)
        where birth is not null) lived
    group by 1, 2, 3
    union all
    select place, sex, 0, sum(people * (until - begin))::bigint from alike
    where birth is null group by 1, 2"""  # noqa: S608 - no value stands in the text
"""Most live here the whole time: those of one birth date and place are looked at once."""
