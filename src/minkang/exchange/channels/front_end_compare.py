"""All keys of a source's table against what was read: rows altered in the past, rows vanished."""

from collections.abc import AsyncIterator

import msgspec

from minkang.exchange.channels.front_end_rows import Sender
from minkang.exchange.channels.front_end_table import PAGE, FrontTable
from minkang.store import Connection

_FEW = 50
_SHARE = 0.2
_SECONDS = 3_600  # for a statement over all keys


class Compared(msgspec.Struct, frozen=True):
    """What a comparison did; `warning` is empty if nothing was odd (Chinese)."""

    sent: int
    withdrawn: int
    warning: str


async def compare_rows(own: Connection, table: FrontTable, sender: Sender) -> Compared:
    """Send rows that are new or have another time of change, and withdraw those that vanished.

    Where more than a fifth vanished at once (and more than 50 rows), none is withdrawn: the table
    was more likely emptied or is being filled anew. `Source.vanished_rows` decides.

    Args:
        own: a connection to our database outside any transaction: reading a large table takes long,
            and a long transaction would hold up all who follow the changes.
    """
    source = sender.source
    try:
        await _note_differences(own, table, source.id)
        sent = 0
        async for keys in _pages(own, "front_other"):
            sent += await sender.send(await table.rows(keys))
        vanished = await own.fetchval("select count(*) from front_gone", timeout=_SECONDS)
        if not vanished or source.vanished_rows == "keep":
            return Compared(sent, 0, "")
        total = await own.fetchval(
            "select count(*) from exchange.front_row where source = $1 and not gone",
            source.id,
            timeout=_SECONDS,
        )
        if source.vanished_rows == "withdraw" and vanished > max(_FEW, total * _SHARE):
            text = f"来源表中一次少了 {vanished} 行（共 {total} 行），没有作撤销处理，请向来源核实"
            return Compared(sent, 0, text)
        withdrawn = 0
        async for keys in _pages(own, "front_gone"):
            # What was added while the keys were read is there after all.
            there = {one.key for one in await table.rows(keys)}
            withdrawn += await sender.withdraw([key for key in keys if key not in there])
        return Compared(sent, withdrawn, "")
    finally:
        await own.execute(_DROP)


async def _note_differences(own: Connection, table: FrontTable, source: str) -> None:
    """Temporary tables of the keys to be read again, and of those that have gone."""
    await own.execute(_DROP)
    await own.execute('create temporary table front_seen (key text collate "C", changed text)')
    async for keys in table.keys():
        await own.copy_records_to_table(
            "front_seen", records=keys, columns=["key", "changed"], schema_name="pg_temp"
        )
    await own.execute("analyze front_seen", timeout=_SECONDS)
    for name, query in (("front_other", _OTHER), ("front_gone", _GONE)):
        await own.execute(f'create temporary table {name} (key text collate "C" primary key)')
        await own.execute(f"insert into {name} {query}", source, timeout=_SECONDS)


async def _pages(own: Connection, name: str) -> AsyncIterator[list[str]]:
    """The keys of a temporary table, in pages."""
    after = ""
    while True:
        rows = await own.fetch(
            f"select key from {name} where key > $1 order by key limit {PAGE}",  # noqa: S608
            after,
        )
        if not rows:
            return
        yield [row["key"] for row in rows]
        after = rows[-1]["key"]


_DROP = "drop table if exists pg_temp.front_seen, pg_temp.front_other, pg_temp.front_gone"
_OTHER = """
    select distinct s.key from front_seen s
    left join exchange.front_row f on f.source = $1 and f.key = s.key
    where f.key is null or f.gone or f.changed is distinct from s.changed"""
_GONE = """
    select f.key from exchange.front_row f where f.source = $1 and not f.gone
    and not exists (select from front_seen s where s.key = f.key)"""
