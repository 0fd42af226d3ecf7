"""Which code systems and units the search parameters have been seen with.

A search without a system has to look for the code in every system there is; one for 5 mg also for
0.005 g. The two tables are small and only grow.
"""

from minkang.store.connection import Connection
from minkang.store.index_rows import IndexRows


class Seen:
    """What this process has read back from the tables: committed, so it stays true.

    `reindexed`: no version is found by the rules of an older release any more.
    """

    def __init__(self) -> None:
        self.reindexed = False
        self._systems: set[tuple[int, str]] = set()
        self._units: set[tuple[int, str, str, str]] = set()

    async def keep(self, connection: Connection, rows: IndexRows) -> None:
        """Write down what is new, in the transaction of the rows.

        Only what is read back counts as known: a transaction that fails leaves nothing wrong.
        """
        if rows.systems <= self._systems and rows.units <= self._units:
            return
        for row in await connection.fetch("select parameter, system from store.system"):
            self._systems.add((row["parameter"], row["system"]))
        for row in await connection.fetch("select parameter, system, code, unit from store.unit"):
            self._units.add((row["parameter"], row["system"], row["code"], row["unit"]))
        if systems := sorted(rows.systems - self._systems):
            await connection.execute(
                """insert into store.system (parameter, system)
                   select * from unnest($1::bigint[], $2::text[]) on conflict do nothing""",
                [parameter for parameter, _ in systems],
                [system for _, system in systems],
            )
        if units := sorted(rows.units - self._units):
            await connection.execute(
                """insert into store.unit (parameter, system, code, unit)
                   select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
                   on conflict do nothing""",
                *(list(column) for column in zip(*units, strict=True)),
            )


async def systems_of(connection: Connection, parameter: int) -> list[str]:
    """The systems that a parameter has been seen with, "" among them for none."""
    rows = await connection.fetch("select system from store.system where parameter = $1", parameter)
    return [row["system"] for row in rows]


async def units_of(connection: Connection, parameter: int) -> list[tuple[str, str, str]]:
    """The units that a parameter has been seen with: system, code, printed text."""
    rows = await connection.fetch(
        "select system, code, unit from store.unit where parameter = $1", parameter
    )
    return [(row["system"], row["code"], row["unit"]) for row in rows]
