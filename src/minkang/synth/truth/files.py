"""Parquet files of the truth, written as one goes."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from minkang.synth.dirt.stain import Stain
from minkang.synth.outbreaks.agents import AGENTS
from minkang.synth.outbreaks.plant import Outbreak
from minkang.synth.outbreaks.request import KINDS
from minkang.synth.record import LOCAL, Lived, World
from minkang.synth.speak.sent import Row as SentRow
from minkang.synth.speak.sent import Sent
from minkang.synth.truth.columns import TABLES
from minkang.synth.truth.rows import Row, rows_of, stain_row

_GROUP: Final = 20_000

NOTICE: Final = """# 合成数据 · SYNTHETIC DATA

本文件夹中的人物、机构、电话、证件号码均为虚构，不对应任何真实的人或单位。
身份证号使用从未分配的行政区划 371098；电话使用无运营商的 154 号段；机构编码以 MK 开头。

Every person, institution, telephone and identity number in this folder is invented and belongs to
nobody. Identity numbers use division 371098, which was never assigned; telephones begin with 154,
a block without an operator; institution codes begin with MK.

这里是“真值”：谁是谁、什么时候发生了什么、哪些被弄脏、哪些没有送达。
This is the truth beside what was sent: who is who, what happened when, what was dirtied on the way,
what never arrived. Each table is one Parquet file; its columns are described in
docs/users/practice-region.md.
"""


class Tables:
    """Parquet files that grow row by row: `folder/<table>/<part>.parquet`.

    Holds at most 20,000 rows of each table. Use it as a context manager; files appear with their
    first row.
    """

    def __init__(self, folder: Path, part: str) -> None:
        self._folder, self._part = folder, part
        self._rows: dict[str, list[Row]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, table: str, row: Row) -> None:
        """One row; its values in the order of `columns.TABLES[table]`."""
        rows = self._rows.setdefault(table, [])
        rows.append(row)
        if len(rows) >= _GROUP:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows, schema = self._rows[table], TABLES[table]
        if not rows:
            return
        if table not in self._writers:
            path = self._folder / table / f"{self._part}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[table] = pq.ParquetWriter(path, schema, compression="zstd")
        columns = list(zip(*rows, strict=True))
        arrays = [
            pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)
        ]
        self._writers[table].write_table(pa.Table.from_arrays(arrays, schema=schema))
        rows.clear()

    def close(self) -> None:
        """Writes what is held, and the ends of the files."""
        for table in list(self._rows):
            self._flush(table)
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> "Tables":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def add_lived(world: World, tables: Tables, lived: Lived) -> None:
    """The truth of one household."""
    for table, row in rows_of(world, lived):
        tables.add(table, row)


def join(folder: Path) -> None:
    """Puts the parts of every table together, in order of their names, as `folder/<table>.parquet`.

    Every table of TABLES is there afterwards, an empty one with its columns. Memory holds one row
    group.
    """
    for table, schema in TABLES.items():
        parts = sorted((folder / table).glob("*.parquet"))
        with pq.ParquetWriter(folder / f"{table}.parquet", schema, compression="zstd") as whole:
            for part in parts:
                with pq.ParquetFile(part) as file:
                    for group in range(file.num_row_groups):
                        whole.write_table(file.read_row_group(group))
            if not parts:
                whole.write_table(schema.empty_table())
        for part in parts:
            part.unlink()
        if (folder / table).is_dir():
            (folder / table).rmdir()


def add_stain(tables: Tables, stain: Stain) -> None:
    """A piece of dirt; what it lost stands in `lost` as well."""
    tables.add("dirt", stain_row(stain))
    if stain.expected == "lost":
        row = (stain.source, stain.message, stain.before, stain.person, stain.at, stain.kind)
        tables.add("lost", row)


def add_sent(tables: Tables, one: Sent) -> None:
    """A message, row or document as it left, with what the receiver should make of it."""
    if isinstance(one, SentRow):
        channel, name, number = "table", one.table, one.number
    else:
        channel, name, number = one.channel, one.name, one.control_id
    tables.add(
        "messages",
        (one.source, channel, name, number, one.at, one.person, one.visit, one.expected),
    )


def add_outbreaks(tables: Tables, outbreaks: Iterable[Outbreak]) -> None:
    """The trees of planted outbreaks, each case with who gave it."""
    for one in outbreaks:
        kind = one.request.kind
        for case in one.cases:
            row = (
                one.id, kind, KINDS[kind], AGENTS[kind].disease, one.place, case.person,
                _moment(case.infected), _moment(case.onset), case.infector, case.where,
                case.generation, case.severity,
            )  # fmt: skip
            tables.add("outbreaks", row)


def _moment(ordinal: float) -> datetime:
    """Days since 0001-01-01 with their fraction as a moment of the region's clock, to a minute."""
    midnight = datetime.combine(date.fromordinal(int(ordinal)), time(), LOCAL)
    return midnight + timedelta(minutes=int(ordinal % 1 * 1440))


def write_notice(folder: Path) -> None:
    """README.md of the folder: synthetic, in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(NOTICE, encoding="utf-8")
