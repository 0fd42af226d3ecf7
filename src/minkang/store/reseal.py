"""Seal anew what lies in the clear or under an older key, while everybody works.

Row by row in the order of keys, some hundred in a transaction; how far it came is written down
with them, so it may be stopped or killed at any moment and goes on from there. Rows that somebody
else holds are passed over and found by the next turn: it never waits for a writer. A version keeps
its place in the change feed; only its bytes change. It is done when a whole turn finds nothing to
do.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.crypto import SealBroken
from minkang.store.codec import SEALED
from minkang.store.connection import Connection
from minkang.store.store import Store
from minkang.store.vault import about_dictionary, about_resource

_log = logging.getLogger(__name__)

_WINDOW = 500


class Area(msgspec.Struct, frozen=True):
    """A table with bodies.

    Attributes:
        name: in the table of progress.
        table: with its schema.
        key: columns by which rows are ordered and named, with their types.
        about: the place of a row.
        further: columns that `about` needs beside the key.
    """

    name: str
    table: str
    key: tuple[tuple[str, str], ...]
    about: Callable[[Any], bytes]
    further: tuple[str, ...] = ()


def _resource(row: Any) -> bytes:
    return about_resource(row["type"], row["id"], row["version"])


RESOURCES = Area(
    "resource", "store.resource", (("type", "smallint"), ("id", "text")), _resource, ("version",)
)
HISTORY = Area(
    "history",
    "store.history",
    (("type", "smallint"), ("id", "text"), ("version", "integer")),
    _resource,
)


def about_features(patient: str) -> bytes:
    """The place of what is compared of a Patient."""
    return b"f" + patient.encode()


def _features(row: Any) -> bytes:
    return about_features(row["patient"])


FEATURES = Area("features", "identity.feature", (("patient", "text"),), _features)
"""What matching keeps of each Patient."""


class NothingSeals(Exception):  # noqa: N818 - reads as what happened
    """There is no data key: `minkang keys seal` makes the first."""


class Resealing(msgspec.Struct, frozen=True):
    """How far an area is.

    Attributes:
        goal: the data key under which everything shall be.
        looked, changed: rows, of all turns.
        broken: rows that are not what was written; the log names them.
        finished: when a whole turn found nothing to do; None: it goes on.
    """

    area: str
    goal: int
    looked: int
    changed: int
    broken: int
    begun: datetime
    finished: datetime | None


async def resealing(connection: Connection) -> list[Resealing]:
    """How far all areas are that were begun."""
    rows = await connection.fetch(
        """select area, goal, looked, changed, broken, begun, finished from store.reseal
           order by area"""
    )
    return [Resealing(**row) for row in rows]


async def reseal_some(store: Store, area: Area, window: int = _WINDOW) -> bool:
    """Look at the next rows of an area and seal them anew; whether there is more to do.

    One transaction. Several processes may call it: one works, the others wait for its commit.

    A body that is not what was written stays as it is, is counted, and named in the log.

    Raises:
        NothingSeals: there is no data key.
    """
    async with store.pool.acquire() as connection:
        await store.codec.look(connection)
        # The codec looks every half minute; an older key must not become the goal again.
        await store.codec.vault.look(connection)
        goal = store.codec.vault.version
        if not goal:
            raise NothingSeals("no data key seals; minkang keys seal makes the first")
        async with connection.transaction():
            begun = await _begun(connection, area, goal)
            if begun is None:
                return False
            seen = await connection.fetch(*_next(area, begun["at"], window))
            head = SEALED + goal.to_bytes(2, "big")
            wanted = [row for row in seen if row["head"] != head]
            changed, broken = (0, 0)
            if wanted:
                changed, broken = await _seal_rows(store, connection, area, wanted)
            ended, still = len(seen) < window, len(wanted) - broken
            await _note(connection, area, seen, (still, changed, broken), ended=ended)
        return not (ended and not still and not begun["open"])


async def _begun(connection: Connection, area: Area, goal: int) -> Any:
    """The progress, locked; begun anew for another key. None if it is finished."""
    await connection.execute(
        """insert into store.reseal as r (area, goal) values ($1, $2)
           on conflict (area) do update set goal = $2, at = null, open = 0, looked = 0,
               changed = 0, broken = 0, begun = clock_timestamp(), finished = null
               where r.goal <> $2""",
        area.name,
        goal,
    )
    row = await connection.fetchrow(
        "select at, open, finished from store.reseal where area = $1 for update", area.name
    )
    return None if row is None or row["finished"] else row


def _next(area: Area, at: Sequence[str] | None, window: int) -> tuple[str, ...]:
    """The statement for the next rows, and its parameters: the key of the last one, as texts."""
    names = ", ".join(name for name, _ in area.key)
    places = ", ".join(
        f"${number}::text::{kind}" for number, (_, kind) in enumerate(area.key, start=1)
    )
    where = f"where ({names}) > ({places})" if at is not None else ""
    text = f"""select {names}, substr(body, 1, 3) as head from {area.table} {where}
               order by {names} limit {window}"""  # noqa: S608 - names of this program
    return (text, *(at or ()))


async def _seal_rows(
    store: Store, connection: Connection, area: Area, rows: Sequence[Any]
) -> tuple[int, int]:
    """Seal rows that nobody else holds just now; how many these were, and how many are broken."""
    same = " and ".join(f"t.{name} = k.{name}" for name, _ in area.key)
    named = ", ".join(name for name, _ in area.key)
    numbered = enumerate(area.key, start=1)
    arrays = ", ".join(f"${number}::text[]::{kind}[]" for number, (_, kind) in numbered)
    keys = [[str(row[name]) for row in rows] for name, _ in area.key]
    found = await connection.fetch(
        f"""select t.{", t.".join((*(name for name, _ in area.key), *area.further))}, t.body
            from {area.table} t join unnest({arrays}) as k({named}) on {same}
            for update of t skip locked""",  # noqa: S608 - names of this program
        *keys,
    )
    whole: list[Any] = []
    sealed: list[bytes] = []
    for row in found:
        about = area.about(row)
        try:
            [body] = await store.codec.unpack_all(connection, [(row["body"], about)])
        except SealBroken as error:
            _log.error("%s %s: %s", area.table, [row[name] for name, _ in area.key], error)
            continue
        whole.append(row)
        sealed.append(store.codec.pack(body, about))
    await connection.execute(
        f"""update {area.table} t set body = k.body
            from unnest({arrays}, ${len(area.key) + 1}::bytea[]) as k({named}, body)
            where {same}""",  # noqa: S608 - names of this program
        *([str(row[name]) for row in whole] for name, _ in area.key),
        sealed,
    )
    return len(whole), len(found) - len(whole)


async def _note(
    connection: Connection,
    area: Area,
    seen: Sequence[Any],
    found: tuple[int, int, int],
    *,
    ended: bool,
) -> None:
    """Write down how far it is; `found`: how many were open, are sealed now, are broken."""
    last = [str(seen[-1][name]) for name, _ in area.key] if seen and not ended else None
    await connection.execute(
        """update store.reseal set at = $2, looked = looked + $3, changed = changed + $5,
               broken = case when at is null then 0 else broken end + $6,
               finished = case when $7 and open + $4 = 0 then clock_timestamp() end,
               open = case when $7 then 0 else open + $4 end
           where area = $1""",
        area.name,
        last,
        len(seen),
        *found,
        ended,
    )


async def request_reseal(store: Store, areas: Sequence[Area]) -> None:
    """Begin to seal areas anew, under the key that seals now; what was begun so goes on.

    Raises:
        NothingSeals: there is no data key.
    """
    async with store.pool.acquire() as connection:
        await store.codec.vault.look(connection)
        if not store.codec.vault.version:
            raise NothingSeals("no data key seals; minkang keys seal makes the first")
        await connection.execute(
            """insert into store.reseal as r (area, goal) select unnest($1::text[]), $2
               on conflict (area) do update set goal = excluded.goal, at = null, open = 0,
                   looked = 0, changed = 0, broken = 0, begun = clock_timestamp(),
                   finished = null
                   where r.goal <> excluded.goal or r.finished is not null""",
            [area.name for area in areas],
            store.codec.vault.version,
        )


async def is_open(connection: Connection, area: Area) -> bool:
    """Whether sealing an area anew was begun and is not finished."""
    return bool(
        await connection.fetchval(
            "select exists (select from store.reseal where area = $1 and finished is null)",
            area.name,
        )
    )


async def reseal_dictionaries(store: Store) -> int:
    """Seal the compression dictionaries anew, all in one transaction; how many it changed.

    Raises:
        NothingSeals: there is no data key.
    """
    vault, changed = store.codec.vault, 0
    async with store.pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            "select version, content, sealed from store.dictionary order by 1 for update"
        )
        # Once nobody else changes them: another process may have sealed them with a new key.
        await vault.look(connection)
        if not vault.version:
            raise NothingSeals("no data key seals; minkang keys seal makes the first")
        for row in rows:
            about, content = about_dictionary(row["version"]), row["content"]
            if row["sealed"]:
                if content[:2] == vault.version.to_bytes(2, "big"):
                    continue
                content = vault.unseal(content, about)
            await connection.execute(
                "update store.dictionary set content = $2, sealed = true where version = $1",
                row["version"],
                vault.seal(content, about),
            )
            changed += 1
    return changed


async def keys_in_use(connection: Connection, area: Area) -> set[int]:
    """Numbers of the data keys that bodies of an area are sealed under; 0 stands for in the clear.

    Reads the whole area; meant for an operator who wants to destroy a key.
    """
    async with connection.transaction():
        await connection.execute("set local statement_timeout = 0; set local enable_seqscan = on")
        rows = await connection.fetch(
            f"""select distinct case when get_byte(head, 0) = 3
                       then get_byte(head, 1) * 256 + get_byte(head, 2) else 0 end as version
                from (select substr(body, 1, 3) as head from {area.table}) b""",  # noqa: S608
        )
    return {row["version"] for row in rows}
