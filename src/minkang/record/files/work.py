"""The work list of who keeps files: what is to be done, for whom, the most pressing first."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from minkang.record.files.rates import USED, used_by
from minkang.record.files.uses import uses
from minkang.store import Connection, Store

Kind = Literal[
    "asked", "died", "moved-in", "moved-out", "missing", "not-updated", "unused", "incomplete"
]
KINDS: Final[tuple[Kind, ...]] = (
    "asked",
    "died",
    "moved-in",
    "moved-out",
    "missing",
    "not-updated",
    "unused",
    "incomplete",
)
"""In order: a resident waits for an answer; a file that should be closed, or is with the wrong
institution; nobody has one; the sheet is older than a stay in hospital; not used within the period
of the definition in force; required items are empty, or something is wrong."""

_GRACE: Final = timedelta(days=14)
"""After a discharge there is so much time before the sheet counts as not updated."""


class Work(msgspec.Struct, frozen=True):
    """One resident with what is to be done, the most pressing first.

    Attributes:
        file: id of the file; '' without one.
        since: when the first of `kinds` came about, as far as it is known.
        used: the last day of an event that counts; None: never.
    """

    person: str
    file: str
    kinds: tuple[Kind, ...]
    since: date | None
    division: str
    doctor: str
    score: int | None
    used: date | None


async def work_of(
    store: Store,
    institutions: Collection[str],
    today: date,
    *,
    kind: Kind | Literal[""] = "",
    doctor: str = "",
    division: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[Work]:
    """What there is to do for some institutions, narrowed to what is asked for."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            f"""{_todo()}
            select t.person, coalesce(t.file::text, '') as file,
                   array_agg(t.kind order by t.rank) as kinds,
                   (array_agg(t.since order by t.rank))[1] as since, max(t.division) as division,
                   coalesce(max(f.doctor), '') as doctor, max(f.score)::int as score,
                   (select max(u.day) from identity.link l join files.last_use u
                    on u.patient = l.patient
                    where l.person = t.person and u.kind = any($3::text[])) as used
            from todo t left join files.file f on f.id = t.file
            group by t.person, t.file
            having ($7 = '' or $7 = any(array_agg(t.kind)))
                and ($8 = '' or max(f.doctor) = $8)
                and starts_with(coalesce(max(t.division), ''), $9)
            order by min(t.rank), 4 nulls last, t.person limit $10 offset $11""",  # noqa: S608 - our own words
            *_parameters(institutions, today),
            kind,
            doctor,
            division,
            limit,
            offset,
            timeout=60,
        )
    return [
        Work(row["person"], row["file"], tuple(row["kinds"]), row["since"], row["division"] or "",
             row["doctor"], row["score"], row["used"])
        for row in rows
    ]  # fmt: skip


async def work_counts(store: Store, institutions: Collection[str], today: date) -> dict[Kind, int]:
    """How many residents wait for each kind of work; a resident counts under each that applies."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            f"{_todo()} select kind, count(distinct person)::int as n from todo group by 1",  # noqa: S608
            *_parameters(institutions, today),
            timeout=60,
        )
    found = {row["kind"]: row["n"] for row in rows}
    return {kind: found.get(kind, 0) for kind in KINDS}


async def doctors_of(store: Store, institutions: Collection[str]) -> list[str]:
    """The responsible doctors of open files, by name."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select distinct doctor from files.file
               where institution = any($1::text[]) and state = 'open' and doctor <> ''
               order by 1 limit 200""",
            sorted(institutions),
        )
    return [row["doctor"] for row in rows]


async def lives_with(connection: Connection, person: str, institutions: Collection[str]) -> bool:
    """Whether the resident's file is kept by one of these institutions, or should be: by where the
    population register has the resident living now."""
    return bool(
        await connection.fetchval(
            """select exists (
                select from identity.link l join files.file f on f.patient = l.patient
                where l.person = $1 and f.institution = any($2::text[]))
            or exists (
                select from identity.link l join identity.register_row r on r.patient = l.patient
                where l.person = $1 and r.status = 'living' and r.living <> '' and coalesce(
                    (select a.institution from files.area a
                     where a.division in (r.living, left(r.living, 9), left(r.living, 6))
                     order by length(a.division) desc limit 1),
                    (select o.id from accounts.organisation o
                     where o.division in (r.living, left(r.living, 9)) and length(o.division) >= 9
                     and o.kind in ('village-room', 'community-centre', 'township-centre')
                     order by length(o.division) desc, o.id limit 1)) = any($2::text[]))""",
            person,
            sorted(institutions),
        )
    )


def _parameters(institutions: Collection[str], today: date) -> tuple[object, ...]:
    """$1 institutions, $2 today, $3 to $6 those of `USED`."""
    return (sorted(institutions), today, *used_by(uses().definition(), today))


def _todo() -> str:
    """SQL that begins a query: `todo` (person, file, kind, rank, since, division)."""
    used = USED.format(kinds="$3", since="$4", looks="$5", steps="$6")
    ranks = ", ".join(f"('{kind}', {rank})" for rank, kind in enumerate(KINDS))
    return f"""
    with rank (kind, rank) as (values {ranks}),
    places as materialized (select distinct living as place from identity.register_row
                            where living <> ''),
    area as materialized (
        select p.place, coalesce(
            (select a.institution from files.area a
             where a.division in (p.place, left(p.place, 9), left(p.place, 6))
             order by length(a.division) desc limit 1),
            (select o.id from accounts.organisation o
             where o.division in (p.place, left(p.place, 9)) and length(o.division) >= 9
             and o.kind in ('village-room', 'community-centre', 'township-centre')
             and (o.ends is null or o.ends > now())
             order by length(o.division) desc, o.id limit 1), '') as institution
        from places p),
    mine as materialized (
        select f.*, l.person from files.file f join identity.link l on l.patient = f.patient
        where f.institution = any($1::text[]) and f.state in ('open', 'asked')),
    said as materialized (
        select m.id, r.status, r.died, r.moved_out, r.moved_in, r.living, a.institution as kept
        from mine m join identity.link l on l.person = m.person
        join identity.register_row r on r.patient = l.patient
        left join area a on a.place = r.living),
    neighbours as materialized (
        select l.person, r.living, greatest(r.moved_in, r.birth) as since
        from area a join identity.register_row r on r.living = a.place and r.status = 'living'
        join identity.link l on l.patient = r.patient
        where a.institution = any($1::text[])),
    found as (
        select m.person, m.id as file, 'asked' as kind, m.opened as since, m.division
        from mine m where m.state = 'asked'
        union all
        select m.person, m.id, 'died', s.died, m.division
        from mine m join said s on s.id = m.id and s.status = 'died'
        where m.state = 'open'
            and not exists (select from said o where o.id = m.id and o.status = 'living')
        union all
        select n.person, f.id, 'moved-in', n.since, n.living
        from neighbours n join identity.link l on l.person = n.person
        join files.file f on f.patient = l.patient and f.state = 'open'
            and f.institution <> all($1::text[])
        union all
        select m.person, m.id, 'moved-out', coalesce(s.moved_out, s.moved_in), m.division
        from mine m join said s on s.id = m.id
        where m.state = 'open' and not exists (select from said o where o.id = m.id
            and (o.status = 'died' or (o.status = 'living' and coalesce(o.kept, '') in
                 ('', m.institution))))
            and (s.status = 'moved-out' or s.kept <> m.institution)
        union all
        select n.person, null, 'missing', n.since, n.living from neighbours n
        where not exists (select from identity.link l join files.file f on f.patient = l.patient
                          and f.state in ('open', 'asked') where l.person = n.person)
        union all
        select m.person, m.id, 'not-updated', u.day, m.division
        from mine m join identity.link l on l.person = m.person
        join files.last_use u on u.patient = l.patient and u.kind = 'admission'
        where m.state = 'open' and u.day > m.updated and u.day <= $2::date - {_GRACE.days}
        union all
        select f.person, f.id, 'unused', f.updated, f.division
        from mine f where f.state = 'open' and f.opened <= $4::date and not {used}
        union all
        select m.person, m.id, 'incomplete', m.updated, m.division
        from mine m where m.state = 'open' and (m.missing <> '{{}}' or m.wrong <> '{{}}')),
    todo as materialized (
        select distinct on (f.person, f.kind) f.*, r.rank from found f join rank r using (kind)
        order by f.person, f.kind, f.since)"""  # noqa: S608 - our own words
