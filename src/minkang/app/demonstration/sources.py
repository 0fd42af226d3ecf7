"""The region's systems as sources: registered, with front-end tables and secrets of their own."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from minkang.accounts import create_organisation
from minkang.app.demonstration.accounts import CENTRE
from minkang.app.demonstration.story import region_folder
from minkang.app.platform import Platform
from minkang.exchange import Source, load_sources, register, sources
from minkang.exchange.credentials import issue_credential
from minkang.exchange.mappings.tables import TableMapping, mapping_of
from minkang.exchange.reconciliation import keep_counts, read_counts
from minkang.store import Connection

_Record = tuple[str | datetime | None, ...]

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
    await _register(platform, load_sources(sent / "sources.yaml"))


async def register_new(platform: Platform, sent: Path) -> None:
    """Register those of `sent/sources.yaml` that are not known yet, with secrets of their own."""
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
    given = load_sources(sent / "sources.yaml")
    await _register(platform, [one for one in given if one.id not in known])
    folder = region_folder(platform.settings.home)
    await issue_secrets(platform, folder, read_secrets(folder))


async def _register(platform: Platform, several: Iterable[Source]) -> None:
    for given in several:
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
            for file in _tables_in(sent / source.id):
                filled[source.id] = await _fill(connection, source, file)
    return filled


async def _fill(connection: Connection, source: Source, file: Path) -> int:
    columns, rows = _read(source, file)
    await create_table(connection, source, columns)
    schema, _, table = table_of(source.id).partition(".")
    records = list(rows.values())
    for begin in range(0, len(records), _PAGE):
        await connection.copy_records_to_table(
            table, schema_name=schema, columns=columns, records=records[begin : begin + _PAGE]
        )
    return len(records)


async def add_to_tables(platform: Platform, sent: Path) -> dict[str, list[str]]:
    """Add what was written to the front-end tables, making those that lack; keys by source.

    A row that stands there already is overwritten.
    """
    added = {}
    async with platform.pool.acquire() as connection:
        for source in (await sources(connection)).values():
            if source.table_mapping is None or source.table_name is None:
                continue
            for file in _tables_in(sent / source.id):
                columns, rows = _read(source, file)
                if not await connection.fetchval("select to_regclass($1)", source.table_name):
                    await create_table(connection, source, columns)
                await _add(connection, source, columns, list(rows.values()))
                added[source.id] = list(rows)
    return added


async def _add(
    connection: Connection, source: Source, columns: list[str], records: list[_Record]
) -> None:
    key, table = mapping_of(source).row, table_of(source.id)
    names = ", ".join(f'"{column}"' for column in columns)
    again = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    for begin in range(0, len(records), _PAGE):
        async with connection.transaction():
            await connection.execute(f"create temporary table coming (like {table}) on commit drop")
            await connection.copy_records_to_table(
                "coming", columns=columns, records=records[begin : begin + _PAGE]
            )
            await connection.execute(
                f"insert into {table} ({names}) select {names} from coming"  # noqa: S608
                f' on conflict ("{key}") do update set {again}'
            )


def _read(source: Source, file: Path) -> tuple[list[str], dict[str, _Record]]:
    """Columns and rows by key of a table as it was written."""
    mapping = mapping_of(source)
    with file.open(encoding=source.charset, newline="") as text:
        columns = next(csv.reader(text))
    place = columns.index(mapping.row)
    changed = columns.index(mapping.changed) if mapping.changed else -1
    rows: dict[str, _Record] = {}
    for cells in _cells(file, source.charset):
        # A row that was corrected stands there once, as it is now.
        row: list[str | datetime | None] = [cell or None for cell in cells]
        if changed >= 0:
            row[changed] = datetime.fromisoformat(cells[changed])
        rows[cells[place]] = tuple(row)
    return columns, rows


def _tables_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


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


async def report_counts(platform: Platform, counts: Path, until: date) -> None:
    """What the sources say themselves of the days before `until`, one file each in a folder."""
    today = until.isoformat()
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
        for file in _tables_in(counts):
            if file.stem not in known or file.stem == _TELLS_NOTHING:
                continue
            head, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            past = "".join(line for line in lines if line[:10] < today)
            if past:
                await keep_counts(connection, file.stem, read_counts((head + past).encode(), ""))


async def issue_secrets(
    platform: Platform, folder: Path, kept: Mapping[str, str] = MappingProxyType({})
) -> None:
    """A secret for each source that sends over HTTP, for the demonstration's own sender.

    Who is among those `kept` keeps theirs.
    """
    secrets = dict(kept)
    async with platform.pool.acquire() as connection:
        for source in (await sources(connection)).values():
            if {"document", "fhir"} & set(source.channels) and source.id not in secrets:
                secret, _ = await issue_credential(
                    connection, platform.keys, source.id, "demonstration", datetime.now(UTC)
                )
                secrets[source.id] = secret
    file = folder / _SECRETS
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(msgspec.json.encode(secrets))
    part.replace(file)


def read_secrets(folder: Path) -> dict[str, str]:
    """The secrets by source."""
    return msgspec.json.decode((folder / _SECRETS).read_bytes(), type=dict[str, str])
