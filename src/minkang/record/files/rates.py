"""Coverage (建档率) and dynamic use (动态使用率) of files, as of today.

By the norm (国家基本公共卫生服务规范（第三版），居民健康档案管理服务规范，七) coverage is residents
with a file of all who live there, and use is files with a dynamic record within a year of all
files. The denominator of coverage comes from the population register (who lives in a division
today), by rows of the register: a resident whom it lists twice counts twice, above and below the
line.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from minkang.record.files.uses import Definition, UseEvent, uses
from minkang.store import Connection, Store

By = Literal["division", "institution", "doctor"]


class Rate(msgspec.Struct, frozen=True):
    """Figures of a division, an institution, or a doctor of one.

    Attributes:
        people: who live there today by the population register; with_file: those with an open file.
        files: open files; used: those with an event that counts; complete: those with no required
            item missing and nothing wrong.
    """

    key: str
    people: int
    with_file: int
    files: int
    used: int
    complete: int

    @property
    def coverage(self) -> float | None:
        """Share of residents with a file; None without residents."""
        return self.with_file / self.people if self.people else None

    @property
    def use(self) -> float | None:
        """Share of files that are used; None without files."""
        return self.used / self.files if self.files else None


async def rates(
    store: Store,
    today: date,
    *,
    division: str = "",
    institutions: Collection[str] | None = None,
    by: By = "division",
    digits: int = 12,
    definition: str = "",
) -> tuple[Rate, ...]:
    """Rates in order of their keys.

    `division` narrows both lines of a rate to those who live in it; `institutions` to files that
    they keep, and residents of the divisions whose files they keep. `digits` is how deep divisions
    are told apart. By doctor there are no residents without a file to count.
    """
    rule = uses().definition(definition)
    within = None if institutions is None else sorted(institutions)
    async with store.readers.lent() as connection:
        files = await _files(connection, today, rule, (division, within, by, digits))
        people = [] if by == "doctor" else await _people(
            connection, today, (division, within, by, digits)
        )  # fmt: skip
    found = {key: [0, 0, *figures] for key, figures in files.items()}
    for key, several, filed in people:
        line = found.setdefault(key, [0, 0, 0, 0, 0])
        line[0], line[1] = several, filed
    return tuple(Rate(key, *found[key]) for key in sorted(found))


def total(several: Collection[Rate]) -> Rate:
    """The sum of some."""
    return Rate(
        "",
        sum(one.people for one in several),
        sum(one.with_file for one in several),
        sum(one.files for one in several),
        sum(one.used for one in several),
        sum(one.complete for one in several),
    )


USED: Final = """(
    exists (select from identity.link a join identity.link b on b.person = a.person
            join files.last_use u on u.patient = b.patient
            where a.patient = f.patient and u.kind = any({kinds}::text[]) and u.day > {since})
    or exists (select from files.last_use u where u.patient = f.patient
               and u.kind = any({kinds}::text[]) and u.day > {since})
    or exists (select from identity.link a join files.last_look s on s.person = a.person
               where a.patient = f.patient and s.kind = any({looks}::text[]) and s.day > {since})
    or exists (select from files.step s where s.file = f.id and s.kind = any({steps}::text[])
               and (s.at at time zone 'Asia/Shanghai')::date > {since}))"""
"""SQL: whether a file `f` is used; to be formatted with the places of the parameters."""


def used_by(rule: Definition, today: date) -> tuple[list[str], date, list[str], list[str]]:
    """The parameters of `USED`: kinds of events, the day before the first that counts, looks,
    steps."""
    events: list[UseEvent] = [one for one in uses().events if one.key in rule.counts]
    return (
        [one.key for one in events if one.type],
        today - timedelta(days=rule.days),
        [one.look for one in events if one.look],
        [step for one in events for step in one.step],
    )


_KEYS: Final = {
    "division": "left(f.division, $4)",
    "institution": "f.institution",
    "doctor": "f.doctor",
}


async def _files(
    connection: Connection,
    today: date,
    rule: Definition,
    asked: tuple[str, list[str] | None, By, int],
) -> dict[str, tuple[int, int, int]]:
    division, within, by, digits = asked
    used = USED.format(kinds="$5", since="$6", looks="$7", steps="$8")
    rows = await connection.fetch(
        f"""select {_KEYS[by]} as key, count(*)::int as files,
                  (count(*) filter (where {used}))::int as used,
                  (count(*) filter (where f.missing = '{{}}' and f.wrong = '{{}}'
                                    and f.judged is not null))::int as complete
           from files.file f
           where f.state = 'open' and f.opened <= $1 and starts_with(f.division, $2)
           and ($3::text[] is null or f.institution = any($3::text[])) and $4::int > 0
           group by 1""",  # noqa: S608 - our columns
        today,
        division,
        within,
        digits,
        *used_by(rule, today),
        timeout=60,
    )
    return {row["key"]: (row["files"], row["used"], row["complete"]) for row in rows}


async def _people(
    connection: Connection, today: date, asked: tuple[str, list[str] | None, By, int]
) -> list[tuple[str, int, int]]:
    division, within, by, digits = asked
    key = "left(s.place, $4)" if by == "division" else "coalesce(a.institution, '')"
    rows = await connection.fetch(
        f"""with places as materialized (
               select distinct place from identity.register_stay where basis = 'living'
               and starts_with(place, $2)),
           area as materialized (
               select p.place, coalesce(
                   (select a.institution from files.area a
                    where a.division in (p.place, left(p.place, 9), left(p.place, 6))
                    order by length(a.division) desc limit 1),
                   (select o.id from accounts.organisation o
                    where o.division in (p.place, left(p.place, 9)) and length(o.division) >= 9
                    and o.kind in ('village-room', 'community-centre', 'township-centre')
                    and (o.ends is null or o.ends > now())
                    order by length(o.division) desc, o.id limit 1)) as institution
               from places p)
           select {key} as key, count(*)::int as people, (count(*) filter (where exists (
               select from identity.link l join identity.link m on m.person = l.person
               join files.file f on f.patient = m.patient and f.state = 'open' and f.opened <= $1
               where l.patient = s.patient)))::int as filed
           from identity.register_stay s join area a on a.place = s.place
           where s.basis = 'living' and s.begin <= $1 and s.until > $1
           and ($3::text[] is null or a.institution = any($3::text[])) and $4::int > 0
           group by 1""",  # noqa: S608 - our columns
        today,
        division,
        within,
        digits,
        timeout=60,
    )
    return [(row["key"], row["people"], row["filed"]) for row in rows]
