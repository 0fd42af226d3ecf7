"""Raw messages go with what was made of them, as far as they can be told apart."""

from collections.abc import Sequence

import msgspec

from minkang.exchange.quality.forget import forget, forget_all
from minkang.fhir import TYPE_CODES
from minkang.store import Connection


class Forgotten(msgspec.Struct, frozen=True):
    """What became of raw messages.

    Attributes:
        removed: how many are gone, with their problems and what they are known to have made.
        shared: ids of those that also told of somebody else, and were kept.
    """

    removed: int
    shared: tuple[int, ...]


async def forget_messages(connection: Connection, keys: Sequence[tuple[str, str]]) -> Forgotten:
    """Remove the messages that made these resources and nothing about anybody else.

    To be called after the resources were purged. A message in quarantine has made nothing: it is
    known only by its source. What was judged and counted of the resources goes too.
    """
    async with connection.transaction():
        await forget(connection, keys)
    shared = await connection.fetch(
        f"""{_MINE}
        select distinct d.message from exchange.made d join mine on mine.message = d.message
        join store.resource r on r.type = d.type and r.id = d.id
        where r.patients <> '{{}}' order by d.message""",  # noqa: S608 - no values in the text
        *_columns(keys),
    )
    kept = [row["message"] for row in shared]
    done = await connection.execute(
        f"""{_MINE}
        delete from exchange.message m using mine
        where m.id = mine.message and m.id <> all($3::bigint[])""",  # noqa: S608 - as above
        *_columns(keys),
        kept,
    )
    return Forgotten(int(done.rsplit(" ", 1)[-1]), tuple(kept))


async def forget_source(connection: Connection, source: str) -> Forgotten:
    """Remove all messages of a source, and switch it off; where it had read to is forgotten too."""
    async with connection.transaction():
        await connection.execute("update exchange.source set enabled = false where id = $1", source)
        for table in ("cursor", "front_row", "poll"):
            await connection.execute(f"delete from exchange.{table} where source = $1", source)  # noqa: S608
        await forget_all(connection, source)
        done = await connection.execute("delete from exchange.message where source = $1", source)
    return Forgotten(int(done.rsplit(" ", 1)[-1]), ())


async def made_only_by(connection: Connection, source: str) -> list[tuple[int, str]]:
    """Type codes and ids of the resources which messages of this source made, and no others."""
    rows = await connection.fetch(
        """select distinct d.type, d.id
           from exchange.made d join exchange.message m on m.id = d.message
           where m.source = $1 and not exists (
               select from exchange.made o join exchange.message n on n.id = o.message
               where o.type = d.type and o.id = d.id and n.source is distinct from $1)
           order by d.type, d.id""",
        source,
    )
    return [(row["type"], row["id"]) for row in rows]


_MINE = """
    with mine as (
        select distinct d.message from exchange.made d
        join unnest($1::smallint[], $2::text[]) as k(type, id)
        on d.type = k.type and d.id = k.id)"""


def _columns(keys: Sequence[tuple[str, str]]) -> tuple[list[int], list[str]]:
    return [TYPE_CODES[kind] for kind, _ in keys], [one for _, one in keys]
