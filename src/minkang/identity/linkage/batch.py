"""Many records at once: DuckDB finds and weighs the pairs, the same judgement as online decides.

DuckDB blocks and computes weights by the definition's own SQL, and keeps the pairs that may be more
than separate. Those are judged by `score`, guards and all, and clustered component by component, so
that memory holds columns and encoded records, never all records as objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, pairwise
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.predicates import KINDS, Kind
from minkang.identity.linkage.table import columns_compared, records_table, schema_of
from minkang.identity.linkage.weights_sql import frequency_columns, ruled_sql, weight_sql

_SLACK: Final = 1e-6
_WIDE: Final = "id|"
_COMPONENTS: Final = 20_000
"""Nodes whose components are handed on at a time, about."""


class Limits(msgspec.Struct, frozen=True):
    """What a batch may take.

    Attributes:
        most, most_wide: records that may share a key; a more frequent one is passed over. Odd keys
            are the wide ones, of what only one person should have.
        memory: for DuckDB, e.g. `2GB`.
        folder: where DuckDB may put what memory does not hold, encrypted; empty: nowhere.
    """

    most: int = 200
    most_wide: int = 1000
    memory: str = "2GB"
    folder: str = ""


class Portion(msgspec.Struct, frozen=True):
    """Some components: their encoded records by node, and the pairs to be judged within them.

    `ties` are the pairs of the caller that made them one component beside those.
    """

    bodies: Mapping[int, bytes]
    pairs: Sequence[tuple[int, int]]
    ties: Sequence[tuple[int, int]] = ()


def plain_keys(definition: Definition, record: Any) -> list[int]:
    """Blocking keys as whole numbers, odd where the key is a wide one; not for keeping."""
    return [
        int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True) & ~1
        | int(key.startswith(_WIDE))
        for key in blocking_keys(record, definition)
    ]


class Batch:
    """The records of one batch, in a DuckDB of its own that ends with it.

    Use it as a context manager; add all records, then read `portions`.
    """

    def __init__(
        self,
        definition: Definition,
        record: type[msgspec.Struct],
        limits: Limits | None = None,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        self._definition, self._kinds = definition, kinds
        self._limits = limits or Limits()
        self._schema = schema_of(record, columns_compared(definition, kinds))
        self._duck = duckdb.connect()
        self._duck.execute(f"set memory_limit = '{self._limits.memory}'")
        self._duck.execute("set preserve_insertion_order = false")
        if self._limits.folder:
            self._duck.execute(f"set temp_directory = '{self._limits.folder}'")
            self._duck.execute("set temp_file_encryption = true")
        self._duck.register("_empty", self._schema.empty_table())
        self._duck.execute("create table record as select * from _empty")
        self._duck.execute("create table body (node integer, body blob)")
        self._duck.execute("create table block (key bigint, node integer)")

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_: object) -> None:
        self._duck.close()

    def add(
        self,
        nodes: Sequence[int],
        records: Sequence[Any],
        bodies: Sequence[bytes],
        keys: Sequence[Sequence[int]],
    ) -> None:
        """Some records: their numbers, themselves, their encoded form and their keys."""
        self._insert("record", records_table(self._schema, nodes, records))
        self._insert("body", pa.table({"node": pa.array(nodes, pa.int32()), "body": list(bodies)}))
        self._insert(
            "block",
            pa.table(
                {
                    "key": pa.array(list(chain.from_iterable(keys)), pa.int64()),
                    "node": np.repeat(np.array(nodes, dtype=np.int32), list(map(len, keys))),
                }
            ),
        )

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._duck.register("_rows", rows)
        self._duck.execute(f"insert into {table} select * from _rows")  # noqa: S608 - our names
        self._duck.unregister("_rows")

    def portions(self, ties: Sequence[tuple[int, int]] = ()) -> Iterator[Portion]:
        """All components of more than one record, some thousand records at a time; once.

        `ties` are pairs of nodes that come together whatever they weigh: those that were linked
        before. A pair that is not told is separate; a record that is not told is alone.
        """
        pairs = self._pairs()
        self._duck.execute("drop table weighed; drop table record; drop table block")
        if ties:
            pairs = np.concatenate([pairs, np.array(ties, dtype=pairs.dtype)])
        if not len(pairs):
            return
        judge = np.arange(len(pairs)) < len(pairs) - len(ties)
        component = _components(pairs)
        order = np.argsort(component[pairs[:, 0]], kind="stable")
        pairs, judge = pairs[order], judge[order]
        where = component[pairs[:, 0]]
        starts = np.flatnonzero(np.r_[True, where[1:] != where[:-1]])
        cuts = [0]
        for start in [*starts[1:].tolist(), len(pairs)]:
            if start - cuts[-1] >= _COMPONENTS or start == len(pairs):
                cuts.append(start)
        self._sort_bodies(pairs, cuts)
        for number, (first, last) in enumerate(pairwise(cuts)):
            yield self._portion(number, pairs[first:last], judge[first:last])

    def _sort_bodies(self, pairs: Any, cuts: Sequence[int]) -> None:
        """The bodies in the order in which portions ask for them: none is looked through twice."""
        parts = np.repeat(np.arange(len(cuts) - 1, dtype=np.int32), 2 * np.diff(cuts))
        nodes, first = np.unique(pairs.ravel(), return_index=True)
        placed = pa.table(
            {"node": pa.array(nodes, pa.int32()), "part": pa.array(parts[first], pa.int32())}
        )
        self._duck.register("_placed", placed)
        self._duck.execute(
            """create table sorted_body as
               select part, node, body from body join _placed using (node) order by part"""
        )
        self._duck.unregister("_placed")
        self._duck.execute("drop table body")

    def _portion(self, number: int, pairs: Any, judge: Any) -> Portion:
        rows = self._duck.execute("select node, body from sorted_body where part = ?", [number])
        return Portion(dict(rows.fetchall()), _couples(pairs[judge]), _couples(pairs[~judge]))

    def _pairs(self) -> Any:
        """The pairs that may be linked or reviewed, as rows of two nodes, the lesser first."""
        most, wide = self._limits.most, self._limits.most_wide
        self._duck.execute(
            f"""create or replace table shared as select key from block group by key
                having count(*) between 2 and if(key & 1 = 1, {wide}, {most})"""  # noqa: S608
        )
        self._duck.execute(
            """create or replace table candidate as
               select distinct l.node as a, r.node as b
               from (select key, node from block semi join shared using (key)) l
               join block r on l.key = r.key and l.node < r.node"""
        )
        self._with_frequencies()
        found = self._duck.sql(self._pairs_sql()).to_arrow_table()
        self._duck.execute("drop table candidate")
        self._duck.execute("drop table shared")
        return np.column_stack([found.column(0).to_numpy(), found.column(1).to_numpy()])

    def _with_frequencies(self) -> None:
        """The frequencies of values beside the values."""
        joins, columns = "", ""
        for column in frequency_columns(self._definition):
            known = self._definition.written.frequencies[column]
            table = pa.table({"value": list(known), "share": list(known.values())})
            self._duck.register(f"frequency_{column}", table)
            joins += f" left join frequency_{column} on frequency_{column}.value = record.{column}"
            columns += f", frequency_{column}.share as tf_{column}"
        self._duck.execute(
            f"create or replace table weighed as select record.*{columns} from record{joins}"  # noqa: S608
        )

    def _pairs_sql(self) -> str:
        names = [
            *columns_compared(self._definition, self._kinds),
            *(f"tf_{one}" for one in frequency_columns(self._definition)),
        ]
        columns = ", ".join(f"l.{one} as {one}_l, r.{one} as {one}_r" for one in names)
        weight = weight_sql(self._definition, self._kinds)
        least = self._definition.written.review - _SLACK
        return f"""
            select a, b from (
                select a, b, {columns} from candidate
                join weighed l on l.node = a join weighed r on r.node = b)
            where ({weight}) >= {least!r} or {ruled_sql(self._definition, self._kinds)}
            """  # noqa: S608 - of the definition, whose columns are names


def _couples(pairs: Any) -> list[tuple[int, int]]:
    return list(zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True))


def _components(pairs: Any) -> Any:
    """For each node the least node of its component (union by the lesser, halved paths)."""
    parent = list(range(int(pairs.max()) + 1))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True):
        one, other = root(a), root(b)
        if one != other:
            parent[max(one, other)] = min(one, other)
    return np.array([root(node) for node in range(len(parent))], dtype=np.int64)
