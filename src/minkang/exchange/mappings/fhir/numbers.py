"""What the source itself calls a resource: the number from which its id is derived.

The first of these: the id it has, or is sent to; the id in a RESTful `fullUrl`; the identifier by
which a conditional create or update looks for it; its own business identifier; the `urn:uuid:` of
its entry. An identifier in a system of the source (`urn:minkang:source:ID:...`) is the number that
the source uses on its other channels, too; any other one counts with its system.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from minkang.exchange.mappings.fhir.entries import Entry
from minkang.fhir import Problem, Refused, Resource

_RESTFUL: Final = re.compile(r"(https?://.+)/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_PASSED_OVER: Final = frozenset({"old", "temp", "secondary"})


def restful(full_url: str) -> tuple[str, str]:
    """Base and id of a RESTful `fullUrl`; both empty if it is none."""
    found = _RESTFUL.fullmatch(full_url)
    return (found[1], found[3]) if found else ("", "")


def numbered(source: str, entries: Sequence[Entry]) -> list[str]:
    """The number of each entry.

    Raises:
        Refused: rule `no-number`, `conditional`.
    """
    problems: list[Problem] = []
    numbers: list[str] = []
    known: dict[tuple[str, str], int] = {}
    for entry in entries:
        if (first := _identified(source, entry)) and not _named(source, entry):
            known[entry.type, first] = known.get((entry.type, first), 0) + 1
    for entry in entries:
        number = _named(source, entry)
        if not number:
            first = _identified(source, entry)
            # An identifier that several resources of one Bundle share is the number of none.
            number = first if first and known[entry.type, first] == 1 else entry.full_url
        if not number:
            problems.append(_without_number(entry))
        numbers.append(number)
    if problems:
        raise Refused(problems)
    return numbers


def identifier_numbers(source: str, resource: Resource) -> Iterator[str]:
    """The numbers that the identifiers of a resource stand for, the source's own first."""
    given = resource.get("identifier")
    if given is None:
        return
    several = given if isinstance(given, list | tuple) else [given]
    held = [one for one in several if one.get("value") and one.get("use") not in _PASSED_OVER]
    own = f"urn:minkang:source:{source}:"
    held.sort(key=lambda one: not str(one.get("system", "")).startswith(own))
    for one in held:
        yield token_number(source, one.get("system", ""), one["value"])


def token_number(source: str, system: str, value: str) -> str:
    """The number that an identifier stands for."""
    own = system.startswith(f"urn:minkang:source:{source}:")
    return value if own else f"{system}|{value}"


def criteria_token(criteria: str) -> tuple[str, str] | None:
    """System and value of `identifier=system|value`; None of any other criteria."""
    pairs = parse_qsl(criteria, keep_blank_values=True)
    if len(pairs) != 1 or pairs[0][0] != "identifier":
        return None
    system, mark, value = pairs[0][1].rpartition("|")
    return (system if mark else "", value) if value else None


def _named(source: str, entry: Entry) -> str:
    """The number that the entry itself gives, but for its identifiers."""
    if entry.id:
        return entry.id
    if of_url := restful(entry.full_url)[1]:
        return of_url
    token = criteria_token(entry.criteria)
    return token_number(source, *token) if token else ""


def _identified(source: str, entry: Entry) -> str:
    return next(identifier_numbers(source, entry.resource or {}), "")


def _without_number(entry: Entry) -> Problem:
    text: Any = "资源没有 id、identifier 或 fullUrl，再次收到时无法认出"
    return Problem("map", f"{entry.place}.id", "no-number", text)
