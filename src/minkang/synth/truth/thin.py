"""Thin lives as Parquet: people, pregnancies and infections in columns, block by block."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from minkang.synth.people.births import OUTCOMES
from minkang.synth.people.block import HOUSEHOLDS
from minkang.synth.people.demography import NEVER
from minkang.synth.people.infections import KEYS
from minkang.synth.people.moves import OPEN
from minkang.synth.people.thin import ThinBlock, thin_block
from minkang.synth.record import World

_DAY: Final = pa.date32()
SCHEMAS: Final = {
    "people": pa.schema(
        [("person", pa.string()), ("village", pa.string()), ("surname", pa.string()),
         ("given", pa.string()), ("male", pa.bool_()), ("birth", _DAY),
         ("id_number", pa.string()), ("death", _DAY), ("arrived", _DAY), ("left", _DAY),
         ("mother", pa.string()), ("father", pa.string()), ("spouse", pa.string())]
    ),
    "pregnancies": pa.schema(
        [("person", pa.string()), ("last_period", _DAY), ("ended", _DAY),
         ("outcome", pa.string()), ("parity", pa.int32())]
    ),
    "infections": pa.schema(
        [("person", pa.string()), ("disease", pa.string()), ("onset", _DAY),
         ("severity", pa.float64())]
    ),
}  # fmt: skip
"""The tables of thin lives; days outside of the region's time are null."""


def blocks(world: World, first: int, last: int) -> Iterator[ThinBlock]:
    """The thin lives of households from `first` to before `last`, some hundreds at a time."""
    for at in range(first, last, HOUSEHOLDS):
        yield thin_block(world, at, min(HOUSEHOLDS, last - at))


def write(world: World, first: int, last: int, folder: Path) -> int:
    """Writes the thin lives of these households as `folder/<table>.parquet`; gives the people.

    Memory holds one block.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        table: pq.ParquetWriter(folder / f"{table}.parquet", schema, compression="zstd")
        for table, schema in SCHEMAS.items()
    }
    count = 0
    try:
        for block in blocks(world, first, last):
            count += len(block.key)
            for table, columns in _columns(block).items():
                writers[table].write_table(pa.Table.from_arrays(columns, schema=SCHEMAS[table]))
    finally:
        for writer in writers.values():
            writer.close()
    return count


def _columns(block: ThinBlock) -> dict[str, list[Any]]:
    people, key = block.people, block.key
    return {
        "people": [
            pa.array(key, pa.string()),
            pa.array(block.village, pa.string()),
            pa.array(people.surname, pa.string()),
            pa.array(people.given, pa.string()),
            pa.array(people.male),
            _days(people.birth),
            pa.array(people.id_number, pa.string()),
            _days(people.death, people.death >= NEVER),
            _days(people.arrived, people.arrived <= OPEN),
            _days(people.left, people.left >= NEVER),
            *(_links(key, rows) for rows in (people.mother, people.father, people.spouse)),
        ],
        "pregnancies": [
            pa.array(key[people.pregnant], pa.string()),
            _days(people.last_period),
            _days(people.ended),
            pa.array(np.array(OUTCOMES, dtype=object)[people.outcome], pa.string()),
            pa.array(people.parity.astype(np.int32)),
        ],
        "infections": [
            pa.array(key[people.ill], pa.string()),
            pa.array(np.array(KEYS, dtype=object)[people.disease], pa.string()),
            _days(people.onset),
            pa.array(people.severity),
        ],
    }


def _days(days: Any, absent: Any = None) -> Any:
    clipped = np.clip(days, -100_000, 100_000).astype(np.int32)
    return pa.array(clipped, pa.int32(), mask=absent).cast(_DAY)


def _links(key: Any, rows: Any) -> Any:
    """Keys of the people whom rows point at; empty text for nobody."""
    return pa.array(np.where(rows >= 0, key[np.maximum(rows, 0)], ""), pa.string())
