"""Asking a source to send again what is missing, until it has come."""

from datetime import date, datetime
from typing import Literal

import msgspec

from minkang.exchange.reconciliation.holdings import Kind
from minkang.store import Connection

_MOST = 10_000
_MOST_REQUESTS = 1_000


class Request(msgspec.Struct, frozen=True):
    """A request for resending.

    Attributes:
        numbers: the source's own; none means everything of that day and kind.
        state: `open` until the source has fetched it, `answered` until all has come, `closed`.
    """

    id: int
    day: date
    kind: Kind
    numbers: tuple[str, ...]
    state: Literal["open", "answered", "closed"]
    made: datetime
    made_by: str
    answered: datetime | None
    closed: datetime | None


_COLUMNS = "id, day, kind, numbers, state, made, made_by, answered, closed"


async def ask_again(
    connection: Connection, source: str, day: date, kind: str, *, by: str
) -> int | None:
    """Ask for what is missing of a day and kind; the id of the request, None if nothing is.

    What the source lists and is not held is asked for by number; where only the count differs, or
    nothing was told, the whole day. A request that is not closed yet is renewed.
    """
    async with connection.transaction():
        state = await connection.fetchval(
            """select coalesce((select state from exchange.reconciled
                                where source = $1 and day = $2 and kind = $3), 'unproven')""",
            source,
            day,
            kind,
        )
        if state == "proven":
            return None
        numbers = await _missing(connection, source, day, kind)
        await connection.execute(
            """delete from exchange.resend_request
               where source = $1 and day = $2 and kind = $3 and state <> 'closed'""",
            source,
            day,
            kind,
        )
        made: int = await connection.fetchval(
            """insert into exchange.resend_request (source, day, kind, numbers, made_by)
               values ($1, $2, $3, $4, $5) returning id""",
            source,
            day,
            kind,
            numbers,
            by,
        )
    return made


async def _missing(connection: Connection, source: str, day: date, kind: str) -> list[str]:
    """Numbers that the source lists of a day and kind and that are not held."""
    rows = await connection.fetch(
        """select i.number from exchange.reported_item i
           where i.source = $1 and i.day = $2 and i.kind = $3 and (
               select true from exchange.held h where h.source = i.source
               and h.kind = i.kind and h.number = i.number
               and h.day between i.day - 183 and i.day + 183 limit 1) is null
           order by i.number limit $4""",
        source,
        day,
        kind,
        _MOST,
    )
    return [row["number"] for row in rows]


async def take_requests(connection: Connection, source: str) -> list[Request]:
    """What a source is asked for, as it fetches it: from now on that is `answered`."""
    await connection.execute(
        """update exchange.resend_request set state = 'answered', answered = clock_timestamp()
           where source = $1 and state = 'open'""",
        source,
    )
    return await open_requests(connection, source)


async def open_requests(
    connection: Connection, source: str, day: date | None = None
) -> list[Request]:
    """What a source is still asked for, oldest first; with `day` all of it, closed ones too."""
    rows = await connection.fetch(
        f"""select {_COLUMNS} from exchange.resend_request
            where source = $1 and ($2::date is null and state <> 'closed' or day = $2)
            order by id limit $3""",  # noqa: S608 - names of columns
        source,
        day,
        _MOST_REQUESTS,
    )
    return [msgspec.convert(dict(row), Request) for row in rows]
