"""Many records at once: DuckDB finds, weighs and judges the pairs as `score` does one by one.

DuckDB blocks, computes weights by the definition's own SQL, and says what rules and guards make of
the pairs that weigh enough, so that memory holds columns, never all records as objects.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.cluster import Edge
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.guards_sql import (
    COMPARED,
    columns_guarded,
    guard_sql,
    outcome_sql,
    rule_sql,
)
from minkang.identity.linkage.predicates import KINDS, Kind
from minkang.identity.linkage.table import (
    columns_compared,
    records_table,
    schema_of,
)
from minkang.identity.linkage.weights_sql import (
    RULED,
    frequency_columns,
    levels_sql,
    weight_sql,
)

_WIDE: Final = "id|"
_NAME: Final = "name"
_TOLD: Final = frozenset(
    {"id_number", "name", "surname", "given", "birth_day", "birth_order", "twin"}
)
"""Columns that tell whether members of a group may be in conflict (`cluster.conflict`)."""


_BLOCK: Final = pa.schema({"key": pa.int64(), "node": pa.int32()})
_BODY: Final = pa.schema({"node": pa.int32(), "body": pa.binary()})


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


def plain_keys(definition: Definition, record: Any) -> list[int]:
    """Blocking keys as whole numbers, odd where the key is a wide one; not for keeping."""
    return [
        int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True) & ~1
        | int(key.startswith(_WIDE))
        for key in blocking_keys(record, definition)
    ]


def edges_of(pairs: pa.Table, name: Callable[[int], str]) -> list[Edge]:
    """Pairs of `Batch.pairs` as edges; `name` gives the id that a node stands for."""
    edges = []
    for a, b, weight, outcome, rule in zip(*pairs.to_pydict().values(), strict=True):
        one, other = sorted((name(a), name(b)))
        edges.append(Edge(one, other, weight, outcome, rule))
    return edges


class Batch:
    """The records of one batch, in a DuckDB of its own that ends with it.

    Use it as a context manager; add all records, then ask for `pairs`.
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
        columns = {*columns_compared(definition, kinds), *columns_guarded(definition)}
        columns |= _TOLD & set(record.__struct_fields__)
        self._columns = tuple(sorted(columns))
        self._frequent = set(frequency_columns(definition))
        if _NAME in columns and definition.written.frequencies.get(_NAME):
            self._frequent.add(_NAME)
        self.schema = schema_of(record, self._columns)
        self._duck = duckdb.connect()
        self._duck.execute(f"set memory_limit = '{self._limits.memory}'")
        self._duck.execute("set preserve_insertion_order = false")
        if self._limits.folder:
            self._duck.execute(f"set temp_directory = '{self._limits.folder}'")
            self._duck.execute("set temp_file_encryption = true")
        self._records = [self.schema.empty_table()]
        self._blocks = [_BLOCK.empty_table()]
        self._bodies = [_BODY.empty_table()]

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_: object) -> None:
        self._duck.close()

    def add(
        self,
        nodes: Sequence[int],
        records: Sequence[Any],
        keys: Sequence[Sequence[int]],
        bodies: Sequence[bytes] = (),
    ) -> None:
        """Some records: their numbers, themselves, their keys; encoded where `bodies` shall be
        asked for."""
        self.add_columns(records_table(self.schema, nodes, records), keys, bodies)

    def add_columns(
        self, rows: pa.Table, keys: Sequence[Sequence[int]], bodies: Sequence[bytes] = ()
    ) -> None:
        """The same with the records as columns: those of `schema`, perhaps more."""
        self._records.append(rows)
        nodes = rows.column("node").to_numpy()
        if bodies:
            self._bodies.append(pa.table([nodes, list(bodies)], _BODY))
        keyed = np.repeat(nodes, list(map(len, keys)))
        several = np.fromiter(chain.from_iterable(keys), np.int64, len(keyed))
        self._blocks.append(pa.table([several, keyed], _BLOCK))

    def pairs(self) -> pa.Table:
        """The pairs that are linked or to be reviewed: a, b (nodes, the lesser first), weight,
        outcome, rule, as `score` has them. Once. A pair that is not told is separate.
        """
        most, wide = self._limits.most, self._limits.most_wide
        # Once for all: the table of known values is as long as a portion of records.
        self._duck.register("record", self._with_frequencies(pa.concat_tables(self._records)))
        self._duck.register("block", pa.concat_tables(self._blocks))
        self._duck.execute(
            f"""create table shared as select key from block group by key
                having count(*) between 2 and if(key & 1 = 1, {wide}, {most})"""  # noqa: S608
        )
        self._duck.execute(
            """create table candidate as
               select distinct l.node as a, r.node as b
               from (select key, node from block semi join shared using (key)) l
               join block r on l.key = r.key and l.node < r.node"""
        )
        self._duck.execute("drop table shared")
        self._duck.unregister("block")
        self._blocks.clear()
        found = self._duck.sql(self._pairs_sql()).to_arrow_table()
        self._duck.execute("drop table candidate")
        return found

    def in_doubt(self, nodes: Any, groups: Any) -> list[int]:
        """Groups of which some members may be in conflict (`cluster.conflict`): told apart by what
        all members say, so that pairs need not be looked at. `groups` are those of the nodes."""
        self._duck.register("_member", pa.table({"node": nodes, "number": groups}))
        rows = self._duck.execute(
            """select number from _member join record using (node) group by number
               having count(distinct nullif(id_number, '')) > 1
                   or count(distinct nullif(birth_order, 0)) > 1
                   or count(*) filter (where twin) > 1
                   or max(birth_day) - min(nullif(birth_day, 0)) > 60
                   or (count(distinct surname) filter (where name <> '') > 1
                       and count(distinct given) filter (where name <> '') > 1)"""
        ).fetchall()
        self._duck.unregister("_member")
        return [row[0] for row in rows]

    def bodies(self, nodes: Any) -> dict[int, bytes]:
        """The encoded records of some nodes."""
        self._duck.register("body", pa.concat_tables(self._bodies))
        self._duck.register("_asked", pa.table({"node": nodes}))
        rows = self._duck.execute("select node, body from body semi join _asked using (node)")
        found = dict(rows.fetchall())
        self._duck.unregister("_asked")
        return found

    def _with_frequencies(self, rows: pa.Table) -> pa.Table:
        """The frequencies of values beside the values; null where they are not known."""
        for column in sorted(self._frequent):
            known = self._definition.written.frequencies[column]
            places = pc.index_in(rows.column(column), pa.array(known, pa.string()))
            shares = pa.array(known.values(), pa.float64())
            rows = rows.append_column(f"tf_{column}", shares.take(places.combine_chunks()))
        return rows

    def _pairs_sql(self) -> str:
        definition, kinds = self._definition, self._kinds
        names = [*self._columns, *(f"tf_{one}" for one in sorted(self._frequent))]
        columns = ", ".join(f"l.{one} as {one}_l, r.{one} as {one}_r" for one in names)
        frequent = "greatest(tf_name_l, tf_name_r, 0)" if _NAME in self._frequent else "0"
        return f"""
            select a, b, weight, outcome, if(guard <> '', guard, if(rule <> '', rule, 'weights'))
                as rule
            from (select a, b, weight, rule, guard, {outcome_sql(definition)} as outcome
            from (select a, b, weight,
                {rule_sql(definition)} as rule, {guard_sql(definition)} as guard
            from (select *, {weight_sql(definition)} as weight, {frequent} as most_frequent
            from (select *, {levels_sql(definition, COMPARED, kinds)}
            from (select a, b, {columns} from candidate
                join record l on l.node = a join record r on r.node = b)))
            where weight >= {definition.written.review!r}::double or {RULED}))
            where outcome <> 'separate'
            """  # noqa: S608 - of the definition, whose columns are names
