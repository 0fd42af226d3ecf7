"""The state's code tables as mappings name them: by short name or URL, rows by code or by name."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

import msgspec

from minkang.terminology import built_in
from minkang.terminology.builtin import PREFIX, heads


class Row(msgspec.Struct, frozen=True):
    """A row of a code table."""

    code: str
    display: str


def table_url(name: str) -> str | None:
    """The URL of a table that is called `CV04.50.005`, `gbt2261.1`, `icd10-cn`, or by its URL."""
    for url in (name, PREFIX + name, PREFIX + name.replace("/", "").replace(" ", "").lower()):
        table = built_in(url)
        if table is not None:
            return table.head.url
    return None


def table_name(url: str) -> str:
    """The short name of a table."""
    return heads()[url].short


def nearest_tables(name: str) -> list[str]:
    """Short names that are written much alike."""
    return get_close_matches(name, [head.short for head in heads().values()], 3)


@cache
def rows_by_text(url: str) -> Mapping[str, Row]:
    """The rows of a table by code and by exact name; a name of several rows is none of them.

    Codes that only group others are left out.
    """
    table = built_in(url)
    if table is None:
        raise KeyError(url)
    rows = [
        Row(code, table.display(at))
        for at, code in enumerate(table.codes)
        if not table.is_abstract(at)
    ]
    found: dict[str, Row] = {}
    twice: set[str] = set()
    for row in rows:
        if row.display in found:
            twice.add(row.display)
        found[row.display] = row
    for name in twice:
        del found[name]
    found.update((row.code, row) for row in rows)
    return MappingProxyType(found)
