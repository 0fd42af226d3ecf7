"""Queries for a page of a set, in the order in which its index has it.

Each gives rows with a place (where the walk can go on) and, if the version there passes all
filters, the version. Places of versions that do not pass are needed too: a walk that finds little
goes on from the last of them.
"""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from minkang.store.drives import (
    Coarse,
    Drive,
    Spans,
    Strings,
    Terms,
    Types,
    in_span,
    in_text,
    members,
    of_span,
    of_text,
    span_rows,
    text_rows,
    written,
)
from minkang.store.sql import Sql

Place: TypeAlias = tuple[float | str | None, int]
"""Value (of an ordered walk) and sequence of a row."""

COLUMNS = "r.type, r.id, r.version, r.updated, r.deleted, r.source, r.grade, r.body, r.sequence"


# What this query sees: the pages after the first must see no more than it did.
_SNAPSHOT = "(select pg_current_snapshot()::text) as snapshot"


class Step(msgspec.Struct, frozen=True):
    """One query of a walk.

    Attributes:
        limit: places at most.
        after: the place where the step before ended.
        ascending: oldest or lowest first.
    """

    limit: int
    after: Place | None
    ascending: bool = False


def probe(types: Sequence[int], sequences: Sequence[int], sql: Sql) -> str:
    """For some sequences: when the first version from there on was written, in microseconds.

    Null where there is none; in the order given.
    """
    return f"""
        select extract(epoch from v.updated)::float8 * 1e6 as at
        from unnest({sql.add(list(sequences), "bigint[]")}) with ordinality as q(sequence, number)
        left join lateral (
            select one.updated from unnest({sql.add(list(types), "smallint[]")}) as k(type)
            cross join lateral (
                select r.sequence, r.updated from store.resource r
                where r.type = k.type and not r.deleted and r.sequence >= q.sequence
                order by r.sequence limit 1) one
            order by one.sequence limit 1) v on true
        order by q.number"""


def by_sequence(
    drive: Terms | Types, types: Sequence[int], filters: str, sql: Sql, step: Step
) -> str:
    """The versions with an exact value, or of a type, newest first."""
    order = "asc" if step.ascending else "desc"
    beyond = _beyond(sql, step)
    if isinstance(drive, Terms):
        values, kind = drive.hashes, "bigint"
        one = f"select m.sequence from store.term m where m.hash = %s{beyond}"
    else:
        values, kind = drive.types, "smallint"
        one = f"""select m.sequence from store.resource m
            where m.type = %s and not m.deleted{written(drive, sql, "m")}{beyond}"""
    one += f" order by m.sequence {order} limit {step.limit}"
    if len(values) == 1:
        found = one % sql.add(values[0], kind)
    else:
        each = f"unnest({sql.add(list(values), f'{kind}[]')}) as q(value)"
        found = f"""select distinct one.sequence
            from {each} cross join lateral ({one % "q.value"}) one
            order by one.sequence {order} limit {step.limit}"""
    return f"""
        select null as value, c.sequence as place, {_SNAPSHOT}, v.* from ({found}) c
        left join lateral ({_version(types, filters, sql)} limit 1) v on true
        order by c.sequence {order}"""


def by_value(
    drive: Spans | Strings, types: Sequence[int], filters: str, sql: Sql, step: Step
) -> str:
    """The versions with a value in a range, in the order of the values.

    A version with several such values stands at the first of them only.
    """
    order, sign = ("asc", ">") if step.ascending else ("desc", "<")
    sooner = "<" if step.ascending else ">"
    if isinstance(drive, Spans):
        inside, again, table, column = in_span, of_span, "span", "low"
        source = span_rows(sql, drive.spans)
    else:
        inside, again, table, column = in_text, of_text, "string", "value"
        source = text_rows(sql, drive.texts)
    bound = ""
    if step.after is not None:
        kind = "float8" if isinstance(drive, Spans) else "text"
        value, sequence = sql.add(step.after[0], kind), sql.add(step.after[1], "bigint")
        bound += f" and (m.{column}, m.sequence) {sign} ({value}, {sequence})"
    return f"""
        select c.value, c.sequence as place, {_SNAPSHOT}, v.* from (
            select distinct one.value, one.sequence from {source} cross join lateral (
                select distinct m.{column} as value, m.sequence from store.{table} m
                where {inside("m")}{bound}
                order by m.{column} {order}, m.sequence {order} limit {step.limit}) one
            order by one.value {order}, one.sequence {order} limit {step.limit}) c
        left join lateral ({_version(types, filters, sql)}
            and not exists (select from {source} join store.{table} e
                on e.sequence = c.sequence and {again("e")} and e.{column} {sooner} c.value)
            limit 1) v on true
        order by c.value {order}, c.sequence {order}"""


def whole(drive: Drive, types: Sequence[int], filters: str, sql: Sql, step: Step) -> str:
    """The versions of a small set, newest first; only those that pass."""
    order = "asc" if step.ascending else "desc"
    found = members(drive, sql, _beyond(sql, step))
    return f"""
        select null as value, c.sequence as place, {_SNAPSHOT}, v.*
        from (select distinct sequence from ({found}) found order by sequence {order}) c
        cross join lateral ({_version(types, filters, sql)} limit 1) v
        order by c.sequence {order} limit {step.limit}"""


def whole_if_few(
    drive: Drive, types: Sequence[int], filters: str, sql: Sql, step: Step, few: int
) -> str:
    """The same as `whole` for a set with fewer rows than `few`; of a larger one nothing.

    The column `n` of the first row, which is always there, is how many rows the set has, up to
    that bound; in a row without a place there is nothing else.
    """
    order = "asc" if step.ascending else "desc"
    return f"""
        with few as materialized (select m.sequence from ({members(drive, sql)}) m limit {few})
        select k.n, v.* from (select count(*) as n from few) k left join lateral (
            select null as value, c.sequence as place, {_SNAPSHOT}, v.*
            from (select distinct sequence from few where k.n < {few} order by sequence {order}) c
            cross join lateral ({_version(types, filters, sql)} limit 1) v
            order by c.sequence {order} limit {step.limit}) v on true
        order by v.place {order}"""


def sorted_whole(
    drive: Drive,
    types: Sequence[int],
    filters: str,
    sql: Sql,
    step: Step,
    key: Spans | Strings,
) -> str:
    """The versions of a small set, in the order of a value; those without it last."""
    order, sign = ("asc", ">") if step.ascending else ("desc", "<")
    if isinstance(key, Spans):
        table, column, kind = "span", "low", "float8"
        source, inside = span_rows(sql, key.spans), of_span("e")
    else:
        table, column, kind = "string", "value", "text"
        source, inside = text_rows(sql, key.texts), of_text("e")
    aggregate = "min" if step.ascending else "max"
    found = members(drive, sql)
    beyond = "true"
    if step.after is not None:
        sequence = sql.add(step.after[1], "bigint")
        if step.after[0] is None:
            beyond = f"k.value is null and f.sequence {sign} {sequence}"
        else:
            value = sql.add(step.after[0], kind)
            beyond = f"(k.value is null or (k.value, f.sequence) {sign} ({value}, {sequence}))"
    return f"""
        select c.value, c.sequence as place, {_SNAPSHOT}, v.*
        from (
            select f.sequence, k.value from (select distinct sequence from ({found}) found) f
            cross join lateral (
                select {aggregate}(e.{column}) as value from {source}
                join store.{table} e on e.sequence = f.sequence and {inside}) k
            where {beyond}
            order by k.value {order} nulls last, f.sequence {order}) c
        cross join lateral ({_version(types, filters, sql)} limit 1) v
        order by c.value {order} nulls last, c.sequence {order} limit {step.limit}"""


def total(drive: Drive, types: Sequence[int], filters: str, sql: Sql) -> str:
    """How many versions of a set pass all filters."""
    if isinstance(drive, Coarse):
        # Mostly many, each in a row of its own already: there is nothing to look up.
        marks = sql.add(list(drive.values), "bigint[]")
        kind = _of_types(types, sql)
        return f"""select count(*) from store.resource r
            where {kind} and not r.deleted and r.marks && {marks} and {filters}"""
    return f"""
        select count(*) from (select distinct sequence from ({members(drive, sql)}) found) c
        cross join lateral ({_version(types, filters, sql, "1 as one")} limit 1) v"""


def _version(types: Sequence[int], filters: str, sql: Sql, columns: str = COLUMNS) -> str:
    """The current version of the sequence of `c`, if it passes.

    With a limit, so that it is looked up one by one whatever the statistics say.
    """
    kind = _of_types(types, sql)
    return f"""select {columns} from store.resource r
            where {kind} and r.sequence = c.sequence and not r.deleted and {filters}"""


def _of_types(types: Sequence[int], sql: Sql) -> str:
    if len(types) == 1:
        return f"r.type = {sql.add(types[0], 'smallint')}"
    return f"r.type = any({sql.add(list(types), 'smallint[]')})"


def _beyond(sql: Sql, step: Step) -> str:
    if step.after is None:
        return ""
    sign = ">" if step.ascending else "<"
    return f" and m.sequence {sign} {sql.add(step.after[1], 'bigint')}"
