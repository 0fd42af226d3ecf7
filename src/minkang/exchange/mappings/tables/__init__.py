"""Rows of a source's table, mapped by a YAML file that a non-programmer can write.

The file's form is described in docs/integrators/tables.md. Files shipped with the program lie in
this folder. `load_mapping` reads and checks one, `mapping_of` gives a source's, `map_row` applies
it. `language` is what a file may say, `mapping_file` reads it, `generate` makes a function of it.
"""

from minkang.exchange.mappings.tables.convert import moment_of
from minkang.exchange.mappings.tables.language import MappingError, TableMapping
from minkang.exchange.mappings.tables.mapping_file import load_mapping
from minkang.exchange.mappings.tables.rows import (
    RESERVED,
    RETURNED,
    WITHDRAWN,
    as_text,
    encode_row,
    map_row,
    mapping_of,
    row_kind,
    shipped_mapping,
    shipped_mappings,
    shipped_text,
)

__all__ = [
    "RESERVED",
    "RETURNED",
    "WITHDRAWN",
    "MappingError",
    "TableMapping",
    "as_text",
    "encode_row",
    "load_mapping",
    "map_row",
    "mapping_of",
    "moment_of",
    "row_kind",
    "shipped_mapping",
    "shipped_mappings",
    "shipped_text",
]
