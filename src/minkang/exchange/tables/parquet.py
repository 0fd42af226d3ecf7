"""Parquet files."""

from collections.abc import Iterator
from typing import BinaryIO

from minkang.exchange.mappings.tables import as_text
from minkang.exchange.tables.line import Line, TableFault, column_names, line_of

_ROWS = 2_000


def parquet_lines(file: BinaryIO) -> Iterator[Line]:
    """The rows of a Parquet file, numbered from 1.

    Raises:
        TableFault: damaged, or a column holds lists or structures.
    """
    # It is large, and few processes ever read such a file.
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file)
        names = column_names(1, table.schema_arrow.names)
        for field in table.schema_arrow:
            if pa.types.is_nested(field.type):
                raise TableFault(1, field.name, "nested", f"列的类型是 {field.type}，不是单个值")
        number = 0
        for batch in table.iter_batches(_ROWS):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield line_of(number, names, [as_text(value) for value in values])
    except (pa.ArrowException, ValueError, OSError) as error:
        raise TableFault(1, "", "parquet", f"不是完好的 Parquet 文件：{error}") from error
