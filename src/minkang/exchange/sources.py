"""The systems that send: what a source is called, how it is reached, how it counts."""

from pathlib import Path
from typing import Literal

import msgspec

from minkang.store import Change, Connection, Store, write


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system that sends messages.

    Attributes:
        id: short name, as in MSH-3 of its HL7 messages.
        name: what people call it (Chinese).
        organisation: id of the institution that its data belongs to, as in MSH-4.
        channel: `mllp` or `table`.
        charset: of its messages when they do not say.
        namespace: part of every id derived from its numbers; never changes, even if `id` does.
        number_period: `year` if it starts its visit and report numbers anew each year.
        table_mapping: name of the mapping for its tables.
        table_name: the front-end table to poll, if any.
        database_url: the database it lies in; None is the platform's own.
        codes: its own codes to standard ones, e.g. `{"GLU": "2345-7"}` (LOINC).
    """

    id: str
    name: str
    organisation: str
    channel: Literal["mllp", "table"]
    charset: str = "utf-8"
    namespace: str = ""
    number_period: Literal["never", "year"] = "never"
    table_mapping: str | None = None
    table_name: str | None = None
    database_url: str | None = None
    codes: dict[str, str] = {}
    enabled: bool = True


class SourceError(Exception):
    """A description of sources is wrong; says file and field."""


def load_sources(path: Path) -> list[Source]:
    """Read source descriptions from a YAML file (a list).

    Raises:
        SourceError: not YAML, or a field is unknown, missing or has a wrong value.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=list[Source])
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise SourceError(f"{path}: {error}") from error


async def save_source(connection: Connection, source: Source) -> None:
    """Register a source, or change it; its namespace stays what it was first."""
    await connection.execute(
        """
        insert into exchange.source (id, name, organisation, namespace, channel, charset,
            number_period, table_mapping, table_name, database_url, codes, enabled)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12)
        on conflict (id) do update set name = excluded.name, organisation = excluded.organisation,
            channel = excluded.channel, charset = excluded.charset,
            number_period = excluded.number_period, table_mapping = excluded.table_mapping,
            table_name = excluded.table_name, database_url = excluded.database_url,
            codes = excluded.codes, enabled = excluded.enabled""",
        source.id,
        source.name,
        source.organisation,
        source.namespace or source.id,
        source.channel,
        source.charset,
        source.number_period,
        source.table_mapping,
        source.table_name,
        source.database_url,
        msgspec.json.encode(source.codes).decode(),
        source.enabled,
    )


async def register(store: Store, source: Source) -> None:
    """Register a source and its institution, which becomes an Organization of the store."""
    organization = {
        "resourceType": "Organization",
        "id": source.organisation,
        "active": True,
        "name": source.name,
    }
    async with store.pool.acquire() as connection, connection.transaction():
        await save_source(connection, source)
        await write(store, connection, [Change(organization, source.organisation)])


async def sources(connection: Connection) -> dict[str, Source]:
    """All sources by id."""
    rows = await connection.fetch(
        """select id, name, organisation, namespace, channel, charset, number_period,
                  table_mapping, table_name, database_url, codes::text as codes, enabled
           from exchange.source order by id"""
    )
    return {
        row["id"]: msgspec.convert({**row, "codes": msgspec.json.decode(row["codes"])}, Source)
        for row in rows
    }
