"""The one statement that writes a group of rows, and where they name residents, their index."""

from collections.abc import Sequence

from minkang.audit.entry import Head, Row
from minkang.store import Connection

_GIVEN = """
    select $1::uuid as writer, $2::bigint + n as seq, at, account, account_name, role,
        organisation, purpose, action, object_type, object_id, person, allowed, reason, address,
        detail::json as detail, persons::text[] as persons, mac
    from unnest(
        $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[], $14::text[],
        $15::text[], $16::text[], $17::text[], $18::bytea[]
    ) with ordinality as row (
        at, account, account_name, role, organisation, purpose, action,
        object_type, object_id, person, allowed, reason, address, detail, persons, mac, n)"""
_INSERT = """
    insert into audit.entry (
        writer, seq, at, account, account_name, role, organisation, purpose, action,
        object_type, object_id, person, allowed, reason, address, detail, persons, mac)"""
_PLAIN = f"{_INSERT} {_GIVEN}"
_NAMING = f"""
    with given as materialized ({_GIVEN}), written as ({_INSERT} select * from given)
    insert into audit.named (person, at, writer, seq)
    select unnest(persons), at, writer, seq from given where persons is not null"""  # noqa: S608 - put together from the texts above


async def insert_rows(
    connection: Connection, head: Head, rows: Sequence[Row], macs: Sequence[bytes], seconds: float
) -> None:
    """Put rows behind a head; all of them are durable when this returns, or none.

    Raises:
        asyncpg.PostgresError, OSError, TimeoutError: it is not known whether they are.
    """
    *columns, persons = (list(column) for column in zip(*rows, strict=True))
    named = any(one is not None for one in persons)
    await connection.execute(
        _NAMING if named else _PLAIN,
        head.writer,
        head.seq,
        *columns,
        [None if one is None else _array(one) for one in persons] if named else persons,
        macs,
        timeout=seconds,
    )


def _array(texts: Sequence[str]) -> str:
    """PostgreSQL's text of an array of texts: an array of arrays can't be a parameter."""
    quoted = (one.replace("\\", "\\\\").replace('"', '\\"') for one in texts)
    return "{" + ",".join(f'"{one}"' for one in quoted) + "}"
