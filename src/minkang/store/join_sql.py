"""The other end of a reference, as SQL: of rows that point to a row, or that it points to.

Nothing here reads a body. A reference to a resource is one number, its mark: the hash of the
parameter, combined (exclusive or) with that of the resource (`store.terms`). Of a Patient the
latter is the number of its compartment, the only one that a Patient lies in: there SQL itself
makes the mark, and the search stops where its page is full. Of any other resource the hash takes
its type and id, so that marks are given with the query.

Each query asks candidate by candidate: its cost is that of what points to those on the page. The
limits of one keep it so, whatever the statistics say.
"""
# ruff: noqa: S608 - values are parameters only

from collections.abc import Sequence

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.fhir.definitions import definitions
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import parameters_of
from minkang.store.conditions import Condition, Test
from minkang.store.drives import Drive, Spans, Strings, Terms, contains, members
from minkang.store.row_conditions import row_conditions
from minkang.store.scope import Scope, compile_scope
from minkang.store.sql import Sql
from minkang.store.stored import COLUMNS
from minkang.store.terms import parameter_hash


class End(msgspec.Struct, frozen=True):
    """What the other end of a reference must be: a current resource that the scope shows.

    Attributes:
        kind: its type.
        test: what it fulfils; `is_plain` is true of it.
    """

    kind: str
    scope: Scope
    test: Test

    @property
    def drive(self) -> Drive | None:
        """The set that it belongs to."""
        return None if self.test.negated else self.test.drive


def is_plain(test: Test) -> bool:
    """Whether a test can stand in a query about another resource."""
    return not (test.late or test.batch or test.updated)


def covered(kind: str, parameter: Parameter) -> bool:
    """Whether a resource lies in the compartment of every Patient that the parameter points to."""
    wanted = definitions().patient_compartment.get(kind, ())
    known = parameters_of(kind)
    places = {
        place.code
        for code in wanted
        if code in known
        for place in known[code].stored
        if place.targets is None or "Patient" in place.targets
    }
    return all(place.code in places for place in parameter.stored)


def bases(kinds: Sequence[str], parameter: Parameter, target: str) -> tuple[int, ...]:
    """The parameter's part of the marks of references from some types to another."""
    return tuple(
        parameter_hash(kind, place.code)
        for kind in kinds
        for place in parameter.stored
        if place.targets is None or target in place.targets
    )


def pointing(end: End, parameter: Parameter) -> Condition:
    """That an end points to the row, a Patient."""
    numbers = bases((end.kind,), parameter, "Patient")
    in_compartment = covered(end.kind, parameter)

    def condition(sql: Sql, alias: str) -> str:
        own = f"{alias}.patients[1]"
        each = [f"{own} # {sql.add(number, 'bigint')}" for number in numbers]
        marks = f"array[{', '.join(each)}]"
        if in_compartment:
            kind = sql.add(TYPE_CODES[end.kind], "smallint")
            near = f"""select c.sequence from store.compartment c
                where c.patient = {own} and c.type = {kind}"""
        else:
            near = _marked(marks)
        return f"exists (select {_some(end, near, sql, alias, f'{alias}p.marks && {marks}')})"

    return condition


def pointed(kinds: Sequence[str], parameter: Parameter, end: End) -> Condition:
    """That the row points to an end, a Patient."""
    numbers = list(bases(kinds, parameter, "Patient"))
    in_compartment = all(covered(kind, parameter) for kind in kinds)

    def condition(sql: Sql, alias: str) -> str:
        base = f"unnest({sql.add(numbers, 'bigint[]')}) as b(number)"
        if in_compartment:
            patients = f"""select x.number as patient from unnest({alias}.patients) as x(number)
                cross join {base} where x.number # b.number = any({alias}.marks)"""
        else:
            patients = f"""select x.mark # b.number as patient
                from unnest({alias}.marks) as x(mark) cross join {base}"""
        kind = sql.add(TYPE_CODES["Patient"], "smallint")
        at = f"{alias}c"
        return f"""exists (select from ({patients}) as {alias}x
            cross join lateral (select c.sequence from store.compartment c
                where c.patient = {alias}x.patient and c.type = {kind}) as {at}
            cross join lateral ({_row(end, sql, f"{alias}p", f"{at}.sequence")}) as {alias}v)"""

    return condition


def pointed_at(end: End, numbers: Sequence[int], sql: Sql, *, shared: bool) -> str:
    """A query for the places (from 0, as `number`) of those marks that an end has.

    `shared`: they are of references to what many resources refer to, which lie in store.term.
    """
    marks = f"unnest({sql.add(list(numbers), 'bigint[]')}) with ordinality as k(mark, place)"
    if shared:
        near = "select m.sequence from store.term m where m.hash = k.mark"
    else:
        near = _marked("array[k.mark]")
    some = _some(end, near, sql, "r", None, bounded=not shared)
    return f"""select k.place - 1 as number from {marks}
        cross join lateral (select {some} limit 1) as v"""


def present_of(end: End, ids: Sequence[str], sql: Sql) -> str:
    """A query for those of some ids that are ends."""
    kind = sql.add(TYPE_CODES[end.kind], "smallint")
    return f"""select k.id from unnest({sql.add(list(ids), "text[]")}) as k(id)
        cross join lateral (select from store.resource r
            where r.type = {kind} and r.id = k.id and not r.deleted
            and {_conditions(end, sql, "r")} limit 1) as v"""


def newest(end: End, sample: int, sql: Sql) -> str:
    """A query for how many of so many newest resources of the type are of the set of the ends."""
    return f"""select count(*) from (select one.* from store.resource one
            where one.type = {sql.add(TYPE_CODES[end.kind], "smallint")} and not one.deleted
            order by one.sequence desc limit {sample}) as r
        where {contains(_drive(end), sql)}"""


def ids_of(end: End, sql: Sql) -> str:
    """A query for the ids of all ends, which must have a drive."""
    return f"""select distinct v.id from ({members(_drive(end), sql)}) as m
        cross join lateral ({_row(end, sql, "r", "m.sequence", "r.id")}) as v"""


def rows_of(end: End, sql: Sql) -> str:
    """A query for the rows of all ends, which must have a drive."""
    found = _row(end, sql, "r", "m.sequence", COLUMNS)
    sequences = f"select distinct m.sequence from ({members(_drive(end), sql)}) as m"
    return f"select v.* from ({sequences}) as m cross join lateral ({found}) as v"


def patients_of(end: End, parameter: Parameter, sql: Sql) -> str:
    """A query for the Patients that all ends point to, by the `number` of their compartments.

    The ends must have a drive, and the parameter be `covered`.
    """
    numbers = sql.add(list(bases((end.kind,), parameter, "Patient")), "bigint[]")
    return f"""select distinct x.number from ({members(_drive(end), sql)}) as m
        cross join lateral ({_row(end, sql, "r", "m.sequence", "r.patients, r.marks")}) as v
        cross join lateral unnest(v.patients) as x(number)
        cross join unnest({numbers}) as b(number)
        where x.number # b.number = any(v.marks)"""


def _drive(end: End) -> Drive:
    assert end.drive is not None  # noqa: S101 - asked for of the callers
    return end.drive


def _marked(marks: str) -> str:
    """The sequences of what has one of some marks: all of them, so that the index is used."""
    return f"""select unnest(array(select m.sequence from store.resource m
        where m.marks && {marks} and not m.deleted)) as sequence"""


def _some(
    end: End, near: str, sql: Sql, alias: str, condition: str | None, *, bounded: bool = True
) -> str:
    """What follows `select` in a query for ends at the sequences that `near` gives.

    `condition` is one more on the end, whose alias is that of the outer row and a `p`. `bounded`:
    the sequences are few enough to be had at once.
    """
    at, row = f"{alias}c", f"{alias}p"
    drive = end.drive
    if isinstance(drive, Terms) and bounded:
        hashes = sql.add(list(drive.hashes), "bigint[]")
        found = _row(end, sql, row, f"{at}.sequence", also=condition, driven=True)
        return f"""from store.term {at} cross join lateral ({found}) as {alias}v
            where {at}.hash = any({hashes}) and {at}.sequence = any(array({near}))"""
    early = ""
    driven = isinstance(drive, Terms | Spans | Strings)
    if drive is not None and driven:
        # These ask for nothing but the sequence: so the row itself is looked up for hits alone.
        inside = contains(drive, sql, at)
        early = f"cross join lateral (select 1 as one where {inside} limit 1) as {alias}e"
    found = _row(end, sql, row, f"{at}.sequence", also=condition, driven=driven)
    return f"from ({near}) as {at} {early} cross join lateral ({found}) as {alias}v"


def _row(
    end: End,
    sql: Sql,
    alias: str,
    sequence: str,
    columns: str = "",
    *,
    also: str | None = None,
    driven: bool = False,
) -> str:
    """A query for the end at a sequence."""
    more = "" if also is None else f" and {also}"
    return f"""select {columns} from store.resource {alias}
        where {alias}.type = {sql.add(TYPE_CODES[end.kind], "smallint")}
        and {alias}.sequence = {sequence} and not {alias}.deleted{more}
        and {_conditions(end, sql, alias, driven=driven)} limit 1"""


def _conditions(end: End, sql: Sql, alias: str, *, driven: bool = False) -> str:
    """What the row of an end fulfils; `driven`: its set is seen to already."""
    found = [compile_scope(end.scope, alias, sql.parameters)]
    return " and ".join(found + row_conditions(end.test, sql, alias, driven=driven))
