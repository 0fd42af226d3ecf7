"""Searches, each as a query of the FHIR base and as SQL written by hand over the same tables.

The SQL gives the page that the search gives, found by the indexes that are there and by nothing
else; it needs no access, no paging and no outcome, which is what the comparison is about.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from bench.population import (
    CODES,
    LOINC,
    SYSTEM,
    UCUM,
    UNIT,
    birthdate_of,
    family_of,
    identifier_of,
)
from minkang.fhir import TYPE_CODES
from minkang.fhir.search_dates import span
from minkang.fhir.search_parameters import parameters_of
from minkang.store import Store
from minkang.store.stored import COLUMNS
from minkang.store.terms import (
    CONTAINED,
    code_hash,
    parameter_hash,
    resource_hash,
    system_hash,
    text_prefix,
    turned,
    unit_hash,
)

PAGE = 20
SINCE = "2023-01-01"

_PATIENT, _OBSERVATION = TYPE_CODES["Patient"], TYPE_CODES["Observation"]
_R = ", ".join(f"r.{column}" for column in COLUMNS.split(", "))
_P = ", ".join(f"p.{column}" for column in COLUMNS.split(", "))
_MORE = PAGE + 1


class Asked(msgspec.Struct, frozen=True):
    """One search with its values.

    Attributes:
        query: behind the base.
        values: parameters of the SQL.
    """

    query: str
    values: tuple[Any, ...]


class Search(msgspec.Struct, frozen=True):
    """A kind of search.

    Attributes:
        sql: one statement that gives the rows of the page, included ones too.
        asked: gives a search with the values of patient n.
    """

    name: str
    sql: str
    asked: Callable[[Store, int], Asked]


def chosen(patients: int, count: int) -> list[int]:
    """Patients spread over a population; the same for the same numbers."""
    return random.Random(patients).sample(range(patients), min(count, patients))


def _base(kind: str, code: str) -> int:
    """The hash of the parameter under which values are kept."""
    return parameter_hash(kind, parameters_of(kind)[code].stored[0].code)


def _coded(code: str) -> int:
    return _base("Observation", "code") ^ system_hash(LOINC) ^ code_hash(code)


def _identifier(store: Store, number: int) -> Asked:
    value = identifier_of(number)
    return Asked(
        f"Patient?identifier={SYSTEM}|{value}",
        (store.terms.identifier("Patient", "identifier", SYSTEM, value), _PATIENT),
    )


def _name(store: Store, number: int) -> Asked:
    family, day = family_of(number), birthdate_of(number)
    low, high = span(day)
    return Asked(
        f"Patient?family={quote(family)}&birthdate={day}",
        (
            _base("Patient", "birthdate"),
            float(low),
            float(high),
            store.terms.prefix("Patient", CONTAINED["family"], text_prefix(family)),
            _PATIENT,
        ),
    )


def _token(_: Store, number: int) -> Asked:
    code = CODES[number % len(CODES)]
    return Asked(f"Observation?code={LOINC}|{code}", (_coded(code), _OBSERVATION))


def _person(_: Store, number: int) -> Asked:
    code = CODES[number % len(CODES)]
    since, _high = span(SINCE)
    return Asked(
        f"Observation?patient=p{number}&code={LOINC}|{code}&date=ge{SINCE}",
        (
            resource_hash("Patient", f"p{number}"),
            _OBSERVATION,
            _coded(code),
            _base("Observation", "date"),
            float(since),
        ),
    )


def _value(number: int) -> str:
    return f"{20 + number % 97 / 10:.1f}"


def _composite(_: Store, number: int) -> Asked:
    code, value = CODES[number % len(CODES)], _value(number)
    exact = turned(system_hash(LOINC) ^ code_hash(code), 0) ^ turned(unit_hash(UCUM, UNIT), 1)
    return Asked(
        f"Observation?code-value-quantity={LOINC}|{code}$gt{value}|{UCUM}|{quote(UNIT)}",
        (_base("Observation", "code-value-quantity") ^ exact, float(value), _OBSERVATION),
    )


def _quantity(_: Store, number: int) -> Asked:
    value = _value(number)
    return Asked(
        f"Observation?value-quantity=gt{value}|{UCUM}|{quote(UNIT)}",
        (
            _base("Observation", "value-quantity") ^ unit_hash(UCUM, UNIT),
            float(value),
            _OBSERVATION,
        ),
    )


def _chain(store: Store, number: int) -> Asked:
    value = identifier_of(number)
    return Asked(
        f"Observation?patient.identifier={SYSTEM}|{value}",
        (
            store.terms.identifier("Patient", "identifier", SYSTEM, value),
            _PATIENT,
            _OBSERVATION,
        ),
    )


def _has(_: Store, number: int) -> Asked:
    code = CODES[number % len(CODES)]
    day = (date(1950, 1, 1) + timedelta(days=number * 13 % 18_000)).isoformat()[:4]
    low, high = span(day)
    return Asked(
        f"Patient?birthdate={day}&_has:Observation:patient:code={LOINC}|{code}",
        (
            _base("Patient", "birthdate"),
            float(low),
            float(high),
            _PATIENT,
            _OBSERVATION,
            _coded(code),
        ),
    )


def _include(_: Store, number: int) -> Asked:
    code = CODES[number % len(CODES)]
    return Asked(
        f"Observation?code={LOINC}|{code}&_include=Observation:patient",
        (_coded(code), _OBSERVATION, _PATIENT),
    )


_BY_TERM = f"""
    from store.term m join store.resource r
        on r.type = $2 and r.sequence = m.sequence and not r.deleted
    where m.hash = $1 order by m.sequence desc limit {_MORE}"""

SEARCHES = (
    Search("identifier", f"select {_R} {_BY_TERM}", _identifier),
    Search(
        "family_birthdate",
        f"""select {_R} from store.span s join store.resource r
            on r.type = $5 and r.sequence = s.sequence and not r.deleted
        where s.hash = $1 and s.low >= $2 and s.low < $3 and s.high <= $3
        and exists (select from store.term t where t.hash = $4 and t.sequence = s.sequence offset 0)
        order by r.sequence desc limit {_MORE}""",
        _name,
    ),
    Search("token", f"select {_R} {_BY_TERM}", _token),
    Search(
        "code_date_patient",
        f"""with r as materialized (select * from store.resource
            where part = $1 and type = $2 and not deleted)
        select {_R} from r
        where exists (select from store.term t
            where t.hash = $3 and t.sequence = r.sequence offset 0)
        and exists (select from store.span s
            where s.sequence = r.sequence and s.hash # 0 = $4 and s.high > $5 offset 0)
        order by r.sequence desc limit {_MORE}""",
        _person,
    ),
    Search(
        "composite",
        f"""select {_R} from store.span s join store.resource r
            on r.type = $3 and r.sequence = s.sequence and not r.deleted
        where s.hash = $1 and s.low > $2 order by s.low, s.sequence limit {_MORE}""",
        _composite,
    ),
    Search(
        "quantity",
        f"""select {_R} from store.span s join store.resource r
            on r.type = $3 and r.sequence = s.sequence and not r.deleted
        where s.hash = $1 and s.low > $2 order by s.low, s.sequence limit {_MORE}""",
        _quantity,
    ),
    Search(
        "chain",
        f"""select {_R} from store.term m
        join store.resource p on p.type = $2 and p.sequence = m.sequence and not p.deleted
        join store.resource r on r.part = p.part and r.type = $3 and not r.deleted
        where m.hash = $1 order by r.sequence desc limit {_MORE}""",
        _chain,
    ),
    Search(
        "has",
        f"""select {_R} from store.span s join store.resource r
            on r.type = $4 and r.sequence = s.sequence and not r.deleted
        where s.hash = $1 and s.low >= $2 and s.low < $3 and s.high <= $3
        and exists (select from store.resource c join store.term t
            on t.hash = $6 and t.sequence = c.sequence
            where c.part = r.part and c.type = $5 and not c.deleted offset 0)
        order by r.sequence desc limit {_MORE}""",
        _has,
    ),
    Search(
        "include",
        f"""with page as (select {_R}, r.part {_BY_TERM})
        (select {COLUMNS} from page) union all (
            select {_P} from (select distinct part from
                (select part from page limit {PAGE}) shown) q
            join store.resource p on p.part = q.part and p.type = $3 and not p.deleted)""",
        _include,
    ),
)


def shown(rows: Sequence[Any]) -> int:
    """How many entries a page has that the SQL gives: one row more only says that it goes on."""
    matches: int = sum(row["type"] == rows[0]["type"] for row in rows)
    return len(rows) - max(0, matches - PAGE)
