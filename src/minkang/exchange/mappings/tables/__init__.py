"""Rows of a source's table, mapped by a YAML file that a non-programmer can write.

The file's form is described in docs/integrators/tables.md. Files shipped with the program lie in
this folder; `load_mapping` reads one, `map_row` applies it.
"""

from minkang.exchange.mappings.tables.language import MappingError, TableMapping, load_mapping
from minkang.exchange.mappings.tables.rows import encode_row, map_row, row_kind, shipped_mapping

__all__ = [
    "MappingError",
    "TableMapping",
    "encode_row",
    "load_mapping",
    "map_row",
    "row_kind",
    "shipped_mapping",
]
