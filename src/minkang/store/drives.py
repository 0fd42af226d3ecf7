"""Sets of versions that an index can give: what a search is driven by, or filtered with.

Each set can be walked in the order of its index (so that a page of a dense set costs a page), be
had whole (if it is small), be counted up to a bound, and be asked whether it contains a version.
"""

from typing import TypeAlias

import msgspec

from minkang.store.sql import Sql

Span: TypeAlias = tuple[int, float, float, float, float]
"""Hash; lowest and highest `low`; lowest and highest `high`; all bounds inclusive."""

Texts: TypeAlias = tuple[int, str, str]
"""Hash; lowest and highest value, inclusive."""


class Terms(msgspec.Struct, frozen=True):
    """Versions with one of some exact values."""

    hashes: tuple[int, ...]


class Spans(msgspec.Struct, frozen=True):
    """Versions with a value within one of some ranges."""

    spans: tuple[Span, ...]


class Strings(msgspec.Struct, frozen=True):
    """Versions with a string within one of some ranges."""

    texts: tuple[Texts, ...]


class Marks(msgspec.Struct, frozen=True):
    """Versions that have all marks of one of the groups."""

    groups: tuple[tuple[int, ...], ...]


class Coarse(msgspec.Struct, frozen=True):
    """Versions with one of some values that tell little (`coarse_of`), by their marks.

    Mostly a large part of the type: to be asked of a version at hand. Having the set whole, or
    counting it, costs as much as the set is large, whatever the bound.
    """

    values: tuple[int, ...]


class Compartments(msgspec.Struct, frozen=True):
    """Versions about one of some patients, by the numbers of their compartments."""

    patients: tuple[int, ...]
    types: tuple[int, ...]


class Ids(msgspec.Struct, frozen=True):
    """Resources of given types and ids."""

    types: tuple[int, ...]
    ids: tuple[str, ...]


class Types(msgspec.Struct, frozen=True):
    """All current versions of some types; only those written from one sequence to another."""

    types: tuple[int, ...]
    first: int = 0
    last: int | None = None


class Either(msgspec.Struct, frozen=True):
    """Versions of one of some sets."""

    drives: tuple["Drive", ...]


Drive: TypeAlias = Terms | Spans | Strings | Marks | Coarse | Compartments | Ids | Types | Either


def is_coarse(drive: Drive) -> bool:
    """Whether a set must not be counted or had whole before it is known to be small."""
    match drive:
        case Coarse():
            return True
        case Either(drives):
            return any(map(is_coarse, drives))
    return False


def members(drive: Drive, sql: Sql, bound: str = "") -> str:
    """A query for the sequences of the set; some may stand twice.

    `bound` is a condition on `m.sequence`, e.g. ` and m.sequence < $4`.
    """
    match drive:
        case Terms(hashes):
            found = f"select m.sequence from store.term m where m.hash = any({_list(sql, hashes)})"
        case Spans(spans):
            found = f"""select m.sequence from {span_rows(sql, spans)}
                join store.span m on {in_span("m")} where true"""
        case Strings(texts):
            found = f"""select m.sequence from {text_rows(sql, texts)}
                join store.string m on {in_text("m")} where true"""
        case Coarse(values):
            found = _marked(_list(sql, values))
        case Marks(groups) if _are_single(groups):
            found = _marked(_firsts(sql, groups))
        case Marks(groups):
            alike = _alike(sql, groups, "m")
            found = f"select m.sequence from store.resource m where ({alike}) and not m.deleted"
        case Compartments(patients, types):
            found = f"""select m.sequence from store.compartment m
                where m.patient = any({_list(sql, patients)}){_of_types(sql, types)}"""
        case Ids(types, ids):
            found = f"""select m.sequence from store.resource m
                where m.type = any({sql.add(list(types), "smallint[]")})
                and m.id = any({sql.add(list(ids), "text[]")}) and not m.deleted"""
        case Types(types):
            found = f"""select m.sequence from store.resource m
                where m.type = any({sql.add(list(types), "smallint[]")}) and not m.deleted
                {written(drive, sql, "m")}"""
        case Either(drives):
            return " union all ".join(f"({members(one, sql, bound)})" for one in drives)
    return found + bound  # values are parameters throughout


def contains(drive: Drive, sql: Sql, alias: str = "r") -> str:
    """The condition that the row `alias` of store.resource belongs to the set.

    With an offset, so that it is asked row by row: a plan may not fetch all of the set instead.
    """
    match drive:
        case Terms(hashes) if len(hashes) == 1:
            number = sql.add(hashes[0], "bigint")
            return f"""exists (select from store.term f
                where f.hash = {number} and f.sequence = {alias}.sequence offset 0)"""
        case Terms(hashes):
            return f"""exists (select from unnest({_list(sql, hashes)}) as q(hash)
                join store.term f on f.hash = q.hash and f.sequence = {alias}.sequence offset 0)"""
        case Spans(spans):
            return f"""exists (select from {span_rows(sql, spans)}
                join store.span f on f.sequence = {alias}.sequence and {of_span("f")} offset 0)"""
        case Strings(texts):
            return f"""exists (select from {text_rows(sql, texts)}
                join store.string f on f.sequence = {alias}.sequence and {of_text("f")} offset 0)"""
        case Marks(groups):
            return f"({_alike(sql, groups, alias)})"
        case Coarse(values):
            # Written so that the index of marks is no help; a row without marks has none.
            return f"(coalesce({alias}.marks, '{{}}') && {_list(sql, values)})"
        case Compartments(patients, types):
            return f"({alias}.patients && {_list(sql, patients)}{_of_types(sql, types, alias)})"
        case Ids(types, ids):
            return f"""({alias}.type = any({sql.add(list(types), "smallint[]")})
                and {alias}.id = any({sql.add(list(ids), "text[]")}))"""
        case Types(types):
            of_types = f"{alias}.type = any({sql.add(list(types), 'smallint[]')})"
            return f"({of_types}{written(drive, sql, alias)})"
        case Either(drives):
            return "(" + " or ".join(contains(one, sql, alias) for one in drives) + ")"


def counted(drive: Drive, sql: Sql, most: int) -> str:
    """A query for how many rows the set has, counted no further than `most`."""
    match drive:
        case Terms(hashes) if len(hashes) > 1:
            # One after the other, so that a dense one ends the count.
            return f"""select count(*) from (
                select from unnest({_list(sql, hashes)}) as q(hash) cross join lateral (
                    select from store.term m where m.hash = q.hash limit {most}) one
                limit {most}) counted"""
        case _:
            # Parentheses, because a union takes the limit for itself.
            found = members(drive, sql)
            return f"select count(*) from (select from ({found}) m limit {most}) counted"


def _marked(marks: str) -> str:
    """Versions with one of some marks, each by itself: so the index serves, and ends a count."""
    return f"""select m.sequence from unnest({marks}) as q(mark)
                cross join lateral (select m.sequence from store.resource m
                    where m.marks @> array[q.mark] and not m.deleted) m where true"""


def _alike(sql: Sql, groups: tuple[tuple[int, ...], ...], alias: str) -> str:
    if _are_single(groups):
        return f"{alias}.marks && {_firsts(sql, groups)}"
    return " or ".join(f"{alias}.marks @> {_list(sql, group)}" for group in groups)


def written(drive: Types, sql: Sql, alias: str) -> str:
    """What the bounds of `drive` add to a condition on types."""
    found = f" and {alias}.sequence >= {sql.add(drive.first, 'bigint')}" if drive.first else ""
    if drive.last is not None:
        found += f" and {alias}.sequence <= {sql.add(drive.last, 'bigint')}"
    return found


def _are_single(groups: tuple[tuple[int, ...], ...]) -> bool:
    return all(len(group) == 1 for group in groups)


def _firsts(sql: Sql, groups: tuple[tuple[int, ...], ...]) -> str:
    return _list(sql, tuple(group[0] for group in groups))


def _list(sql: Sql, numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:  # a scalar costs the driver a tenth of an array
        return f"array[{sql.add(numbers[0], 'bigint')}]"
    return sql.add(list(numbers), "bigint[]")


def _of_types(sql: Sql, types: tuple[int, ...], alias: str = "m") -> str:
    return f" and {alias}.type = any({sql.add(list(types), 'smallint[]')})" if types else ""


def span_rows(sql: Sql, spans: tuple[Span, ...]) -> str:
    """The ranges as a relation `q`."""
    if len(spans) == 1:
        number, *bounds = spans[0]
        values = [f"{sql.add(number, 'bigint')} as hash"]
        values += [
            f"{sql.add(one, 'float8')} as {name}" for name, one in zip("abcd", bounds, strict=True)
        ]
        return f"(select {', '.join(values)}) as q"
    columns = list(zip(*spans, strict=True))
    lists = [sql.add(list(columns[0]), "bigint[]")]
    lists += [sql.add(list(column), "float8[]") for column in columns[1:]]
    return f"unnest({', '.join(lists)}) as q(hash, a, b, c, d)"


def in_span(alias: str) -> str:
    """The condition that a row of store.span lies in a range of `q`."""
    return (
        f"{alias}.hash = q.hash and {alias}.low >= q.a and {alias}.low <= q.b "
        f"and {alias}.high >= q.c and {alias}.high <= q.d"
    )


def of_span(alias: str) -> str:
    """The same for the few rows of one version: written so that the index of values is no help."""
    return (
        f"{alias}.hash # 0 = q.hash and {alias}.low + 0 >= q.a and {alias}.low + 0 <= q.b "
        f"and {alias}.high >= q.c and {alias}.high <= q.d"
    )


def text_rows(sql: Sql, texts: tuple[Texts, ...]) -> str:
    """The ranges of strings as a relation `q`."""
    columns = list(zip(*texts, strict=True))
    hashes = sql.add(list(columns[0]), "bigint[]")
    lists = [sql.add(list(column), "text[]") for column in columns[1:]]
    return f"unnest({hashes}, {', '.join(lists)}) as q(hash, a, b)"


def in_text(alias: str) -> str:
    """The condition that a row of store.string lies in a range of `q`."""
    return (
        f'{alias}.hash = q.hash and {alias}.value >= q.a collate "C" '
        f'and {alias}.value <= q.b collate "C"'
    )


def of_text(alias: str) -> str:
    """The same for the few strings of one version."""
    return (
        f"{alias}.hash # 0 = q.hash and {alias}.value || '' >= q.a collate \"C\" "
        f"and {alias}.value || '' <= q.b collate \"C\""
    )
