"""The region's systems as sources: registered, with front-end tables and secrets of their own."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from minkang.accounts import create_organisation
from minkang.app.demonstration.accounts import CENTRE
from minkang.app.platform import Platform
from minkang.exchange import Source, load_sources, register, sources
from minkang.exchange.credentials import issue_credential
from minkang.exchange.mappings.tables import TableMapping, mapping_of
from minkang.exchange.reconciliation import keep_counts, read_counts
from minkang.store import Connection

SCHEMA: Final = "front"
"""Of the front-end tables, which in the demonstration lie in Minkang's own database."""

_PAGE: Final = 5_000
_SECRETS: Final = "secrets.json"
_TELLS_NOTHING: Final = "yunxi"
"""A clinic that reports no figures of its own: nobody can say whether all of it came."""


async def register_all(platform: Platform, sent: Path) -> None:
    """Register all sources of `sent/sources.yaml`, each table of theirs as a front-end table."""
    await create_organisation(
        platform.pool,
        organisation_id=CENTRE,
        name="区域卫生健康信息中心",
        kind="information-centre",
    )
    for given in load_sources(sent / "sources.yaml"):
        table = table_of(given.id) if given.table_mapping is not None else None
        source = msgspec.structs.replace(given, table_name=table)
        await create_organisation(
            platform.pool,
            organisation_id=source.organisation,
            name=source.system_name,
            kind="institution",
        )
        await register(platform.store, source)


def table_of(source: str) -> str:
    """The front-end table of a source."""
    return f"{SCHEMA}.{source.replace('-', '_')}"


async def fill_tables(platform: Platform, sent: Path) -> dict[str, int]:
    """Make the front-end tables and copy into them what was written; rows by source."""
    filled = {}
    async with platform.pool.acquire() as connection:
        await connection.execute(f"create schema if not exists {SCHEMA}")
        for source in (await sources(connection)).values():
            if source.table_mapping is None or source.table_name is None:
                continue
            for file in (sent / source.id).glob("*.csv"):
                filled[source.id] = await _fill(connection, source, file)
    return filled


async def _fill(connection: Connection, source: Source, file: Path) -> int:
    mapping = mapping_of(source)
    with file.open(encoding=source.charset, newline="") as text:
        columns = next(csv.reader(text))
    await create_table(connection, source, columns)
    place = columns.index(mapping.row)
    changed = columns.index(mapping.changed) if mapping.changed else -1
    rows: dict[str, tuple[str | datetime | None, ...]] = {}
    for cells in _cells(file, source.charset):
        # A row that was corrected stands there once, as it is now.
        row: list[str | datetime | None] = [cell or None for cell in cells]
        if changed >= 0:
            row[changed] = datetime.fromisoformat(cells[changed])
        rows[cells[place]] = tuple(row)
    schema, _, table = table_of(source.id).partition(".")
    records = list(rows.values())
    for begin in range(0, len(records), _PAGE):
        await connection.copy_records_to_table(
            table, schema_name=schema, columns=columns, records=records[begin : begin + _PAGE]
        )
    return len(records)


def _cells(file: Path, charset: str) -> Iterator[list[str]]:
    with file.open(encoding=charset, newline="") as text:
        reader = csv.reader(text)
        next(reader)
        yield from reader


async def create_table(connection: Connection, source: Source, columns: list[str]) -> None:
    """An empty front-end table, in the place of one that may be there: texts, and a time."""
    mapping = mapping_of(source)
    table = table_of(source.id)
    kinds = ", ".join(
        f'"{column}" {"timestamp" if column == mapping.changed else "text"}' for column in columns
    )
    await connection.execute(f"drop table if exists {table}")
    await connection.execute(f'create table {table} ({kinds}, primary key ("{mapping.row}"))')
    if mapping.changed:
        await connection.execute(f'create index on {table} ("{mapping.changed}", "{mapping.row}")')


async def put_row(
    connection: Connection, source: Source, mapping: TableMapping, given: dict[str, str]
) -> None:
    """Write a row into the front-end table of a source, or over the one of its key."""
    values = {key: text for key, text in given.items() if text}
    columns = ", ".join(f'"{key}"' for key in values)
    places = ", ".join(
        f"${n}::text::timestamp" if key == mapping.changed else f"${n}"
        for n, key in enumerate(values, 1)
    )
    again = ", ".join(f'"{key}" = excluded."{key}"' for key in values)
    # Names are those of the writer's own tables, not of anything that came from outside.
    await connection.execute(
        f"insert into {table_of(source.id)} ({columns}) values ({places})"  # noqa: S608
        f' on conflict ("{mapping.row}") do update set {again}',
        *values.values(),
    )


async def report_counts(platform: Platform, sent: Path) -> None:
    """What the sources say themselves of their last whole days."""
    today = datetime.now().astimezone().date().isoformat()
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
        for file in sorted((sent / "counts").glob("*.csv")):
            if file.stem not in known or file.stem == _TELLS_NOTHING:
                continue
            head, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            past = "".join(line for line in lines if line[:10] < today)
            if past:
                await keep_counts(connection, file.stem, read_counts((head + past).encode(), ""))


async def issue_secrets(platform: Platform, folder: Path) -> None:
    """A secret for each source that sends over HTTP, for the demonstration's own sender."""
    secrets = {}
    async with platform.pool.acquire() as connection:
        for source in (await sources(connection)).values():
            if {"document", "fhir"} & set(source.channels):
                secret, _ = await issue_credential(
                    connection, platform.keys, source.id, "demonstration", datetime.now(UTC)
                )
                secrets[source.id] = secret
    file = folder / _SECRETS
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(secrets))


def read_secrets(folder: Path) -> dict[str, str]:
    """The secrets by source."""
    return msgspec.json.decode((folder / _SECRETS).read_bytes(), type=dict[str, str])
