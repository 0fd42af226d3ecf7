"""What the platform remembers of the rows of a source's table, and how rows become messages.

A row is sent to the inbox when its columns differ from what was read last; reading it again costs
one look-up. A row that has vanished is withdrawn by a message of its own: the last row that there
was, with the time at which it was missed (`WITHDRAWN`). One that comes back is sent with the time
at which it was seen again (`RETURNED`): its own time of change lies before the withdrawal.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from minkang.exchange.channels.door import look_at
from minkang.exchange.channels.front_end_table import FrontRow
from minkang.exchange.inbox import Inbox
from minkang.exchange.mappings.tables import (
    RESERVED,
    RETURNED,
    WITHDRAWN,
    TableMapping,
    as_text,
    encode_row,
    moment_of,
    row_kind,
)
from minkang.exchange.sources import Source
from minkang.store import Store
from minkang.store.vault import about_message

_STEP = timedelta(microseconds=1)
_row = msgspec.json.Decoder(dict[str, str | None])


class _Known(msgspec.Struct, frozen=True):
    hash: bytes
    gone: bool
    forced: datetime | None


class Sender:
    """Sends the rows of one source's table to the inbox."""

    def __init__(
        self, store: Store, inbox: Inbox, source: Source, mapping: TableMapping, id_key: bytes
    ) -> None:
        self.store, self.source, self.mapping = store, source, mapping
        self._inbox, self._id_key = inbox, id_key

    async def send(self, rows: Sequence[FrontRow]) -> int:
        """Send those rows that are new or changed; how many. Durable when the call returns."""
        known = await self._known([one.key for one in rows])
        fresh: dict[str, tuple[FrontRow, bytes, bytes, datetime | None]] = {}
        for one in rows:
            raw = encode_row(one.row)
            digest = hashlib.sha256(raw).digest()[:8]
            before = known.get(one.key)
            if before is not None and not before.gone and before.hash == digest:
                continue
            forced = self._forced(one.row, before)
            if forced is not None:
                raw = encode_row({**one.row, RETURNED: forced.isoformat()})
            fresh[one.key] = (one, raw, digest, forced or (before.forced if before else None))
        if not fresh:
            return 0
        messages = await self._keep([raw for _, raw, _, _ in fresh.values()])
        await self.store.pool.execute(
            """insert into exchange.front_row (source, key, changed, hash, forced, message)
               select $1, * from unnest($2::text[], $3::text[], $4::bytea[], $5::timestamptz[],
                                        $6::bigint[])
               on conflict (source, key) do update set changed = excluded.changed,
                   hash = excluded.hash, forced = excluded.forced, message = excluded.message,
                   gone = false""",
            self.source.id,
            list(fresh),
            [one.changed for one, _, _, _ in fresh.values()],
            [digest for _, _, digest, _ in fresh.values()],
            [forced for _, _, _, forced in fresh.values()],
            messages,
        )
        return len(fresh)

    async def withdraw(self, keys: Sequence[str]) -> int:
        """Withdraw rows that are in their table no longer; how many."""
        rows = await self.store.pool.fetch(
            """select f.key, f.forced, m.hash, m.body from exchange.front_row f
               left join exchange.message m on m.id = f.message
               where f.source = $1 and f.key = any($2::text[]) and not f.gone""",
            self.source.id,
            list(keys),
        )
        raws, forced = [], []
        brought = iter(await self._brought(row for row in rows if row["body"] is not None))
        for row in rows:
            last: dict[str, str | None] = {self.mapping.row: row["key"].strip()}
            if row["body"] is not None:
                last = _row.decode(next(brought))
            last = {key: text for key, text in last.items() if not key.startswith(RESERVED)}
            at = max(filter(None, (datetime.now(UTC), self._changed(last), row["forced"]))) + _STEP
            raws.append(encode_row({**last, WITHDRAWN: at.isoformat()}))
            forced.append(at)
        if not rows:
            return 0
        await self._keep(raws)
        await self.store.pool.execute(
            """update exchange.front_row f set gone = true, forced = one.forced
               from unnest($2::text[], $3::timestamptz[]) as one(key, forced)
               where f.source = $1 and f.key = one.key""",
            self.source.id,
            [row["key"] for row in rows],
            forced,
        )
        return len(rows)

    async def _brought(self, rows: Iterable[Any]) -> list[bytes]:
        """The messages that brought some rows."""
        async with self.store.pool.acquire() as connection:
            return await self.store.codec.unpack_all(
                connection, [(row["body"], about_message(row["hash"])) for row in rows]
            )

    async def _known(self, keys: Sequence[str]) -> dict[str, _Known]:
        rows = await self.store.pool.fetch(
            """select key, hash, gone, forced from exchange.front_row
               where source = $1 and key = any($2::text[])""",
            self.source.id,
            list(keys),
        )
        return {row["key"]: _Known(row["hash"], row["gone"], row["forced"]) for row in rows}

    async def _keep(self, raws: Sequence[bytes]) -> list[int]:
        seen = [
            look_at(self.source, self._id_key, "table", row_kind(self.mapping, raw), raw)
            for raw in raws
        ]
        kept = await asyncio.gather(*(self._inbox.keep(one.arrival) for one in seen))
        return [one.id for one in kept]

    def _forced(self, row: Mapping[str, Any], before: _Known | None) -> datetime | None:
        """The order that a row needs so as not to be taken for older than its withdrawal."""
        if before is None or before.forced is None:
            return None
        changed = self._changed(row)
        if changed is not None and changed > before.forced:
            return None
        return max(datetime.now(UTC), before.forced + _STEP)

    def _changed(self, row: Mapping[str, Any]) -> datetime | None:
        text = as_text(row.get(self.mapping.changed)) if self.mapping.changed else None
        try:
            return moment_of(text) if text else None
        except ValueError:
            return None
