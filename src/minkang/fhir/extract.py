"""What a resource can be found by: the values of its search parameters.

`extract` runs once for every version that is written. The function for a resource type is
generated from R4's definitions when the type is met first (`fhir.extract_source`). `_id` and
`_lastUpdated` are not among the values: a store has them as columns.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import islice, product
from typing import Any

import msgspec

from minkang.fhir import extract_values
from minkang.fhir.extract_source import source_of
from minkang.fhir.json import Resource

CompositePart = tuple[str, tuple[Any, ...]]
"""Kind and value of a part of a composite, the value as in the lists of `Extracted`:
`token` (system, value), `identifier` (system, value), `reference` (type, id), `url` (url),
`date` (low, high), `number` (value), `quantity` (low, high, system, code, unit), `string` (text),
`uri` (uri)."""


class Extracted(msgspec.Struct, gc=False):
    """Index values of one resource; each begins with the code of the parameter it is kept under.

    Values may repeat. A missing system, code or unit is "".

    Attributes:
        tokens: (parameter, system, value); system "" for bare codes, booleans and telephones. A
            coding without a code has the value "".
        identifiers: (parameter, system, value) of Identifiers.
        identifier_types: (parameter, system of the type, code of the type, value), for `:of-type`.
        texts: (parameter, text), for `:text`: of concepts, displays of codings, identifier types.
        references: (parameter, type, id) of resources of this server.
        urls: (parameter, url) of all other references; canonicals with a version also without it.
        logical: (parameter, system, value) of Reference.identifier.
        dates: (parameter, low, high): microseconds since 1970 UTC, half-open
            (`fhir.search_dates`).
        numbers: (parameter, value).
        quantities: (parameter, low, high, system, code, unit), both ends inside; infinite where a
            comparator or a Range leaves it open.
        strings: (parameter, text) as written; names and addresses give each of their parts. Of
            `phonetic`: names as they are said.
        uris: (parameter, uri); canonicals with a version also without it.
        composites: (parameter, parts): every combination that one node gives.
        present: bit `1 << Parameter.number` for each parameter that has an element, whether or not
            a value could be taken of it; of a composite for each that has a combination.
    """

    tokens: list[tuple[str, str, str]]
    identifiers: list[tuple[str, str, str]]
    identifier_types: list[tuple[str, str, str, str]]
    texts: list[tuple[str, str]]
    references: list[tuple[str, str, str]]
    urls: list[tuple[str, str]]
    logical: list[tuple[str, str, str]]
    dates: list[tuple[str, int, int]]
    numbers: list[tuple[str, Decimal]]
    quantities: list[tuple[str, Decimal, Decimal, str, str, str]]
    strings: list[tuple[str, str]]
    uris: list[tuple[str, str]]
    composites: list[tuple[str, tuple[CompositePart, ...]]]
    present: int


_extractors: dict[str, Callable[[Resource], tuple[Any, ...]]] = {}


def extract(resource: Resource) -> Extracted:
    """The index values of a resource that passed validation; it never raises for such a one.

    Raises:
        KeyError: no resource type, or an unknown one.
    """
    resource_type = resource["resourceType"]
    extractor = _extractors.get(resource_type)
    if extractor is None:
        extractor = _extractors[resource_type] = _compile(resource_type)
    return Extracted(*extractor(resource))


def _compile(resource_type: str) -> Callable[[Resource], tuple[Any, ...]]:
    names: dict[str, Any] = {**vars(extract_values), "islice": islice, "product": product}
    source = source_of(resource_type)
    # The source is made of R4's definitions alone; nothing that comes in is part of it.
    exec(compile(source, f"<extract {resource_type}>", "exec"), names)  # noqa: S102
    extractor: Callable[[Resource], tuple[Any, ...]] = names["extract"]
    return extractor
