"""The systems that send: what a source is called, how it is reached, how it counts."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from minkang.store import Change, Connection, Store, lock_current, write

Channel = Literal["mllp", "table", "document", "fhir", "wst"]
"""A way in: HL7 v2, rows of tables, shared documents, FHIR bundles, WS/T messages."""

_Positive = Annotated[int, Meta(ge=1, le=10_000_000)]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system that sends messages.

    Attributes:
        id: short name, as in MSH-3 of its HL7 messages.
        name: what people call it (Chinese); of a system's table `system·table`.
        organisation: id of the institution that its data belongs to, as in MSH-4.
        channels: the ways it may send by; what it numbers is the same on all of them.
        charset: of its messages when they do not say.
        namespace: part of every id derived from its numbers; never changes, even if `id` does.
            Sources of one organisation share it where they number the same people and visits, as
            the tables of one system do.
        number_period: `year` if it starts its visit and report numbers anew each year.
        table_mapping: name of the mapping for its tables: one stored for the source, or shipped.
        mapping_text: the stored one, filled in by `sources`; not for files.
        table_name: the front-end table to poll, if any.
        database_url: the database it lies in (`postgresql://`, `mariadb://`); None is the
            platform's own.
        overlap_minutes: how far back the table is read again for rows that were committed late.
        vanished_rows: rows that are in the table no longer are withdrawn (unless very many are, at
            once), all withdrawn, or kept.
        codes: its own codes to standard ones, e.g. `{"GLU": "2345-7"}` (LOINC).
        stage: in `trial` what it sends is kept and judged, and goes no further.
        contact: whom to call when something is wrong with it.
        silent_after: minutes without a message after which somebody is alarmed.
        messages_per_minute: more than that is held back; None is no limit.
        addresses: addresses or networks that it sends from (`10.1.2.0/24`); none is anywhere.
    """

    id: str
    name: str
    organisation: str
    channels: Annotated[tuple[Channel, ...], Meta(min_length=1)]
    charset: str = "utf-8"
    namespace: str = ""
    number_period: Literal["never", "year"] = "never"
    table_mapping: str | None = None
    mapping_text: str | None = None
    table_name: str | None = None
    database_url: str | None = None
    overlap_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 10
    vanished_rows: Literal["withdraw", "withdraw-all", "keep"] = "withdraw"
    codes: dict[str, str] = {}
    enabled: bool = True
    stage: Literal["trial", "live"] = "live"
    contact: str = ""
    silent_after: _Positive = 1_440
    messages_per_minute: _Positive | None = None
    addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for network in self.addresses:
            ip_network(network, strict=False)

    @property
    def system_name(self) -> str:
        """What the system is called whose table this is; else the name itself."""
        return self.name.partition("·")[0]

    def sends_by(self, channel: Channel) -> bool:
        """Whether it may send by a channel now."""
        return self.enabled and channel in self.channels

    def sends_from(self, address: str) -> bool:
        """Whether it may send from an address; one of IPv4 may be written as IPv6 (RFC 4291)."""
        if not self.addresses:
            return True
        try:
            given = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        given = getattr(given, "ipv4_mapped", None) or given
        return any(given in ip_network(network, strict=False) for network in self.addresses)


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
    """Register a source, or change it; its namespace stays what it was first.

    Raises:
        SourceError: sources of another organisation have that namespace.
    """
    other = await connection.fetchval(
        "select id from exchange.source where namespace = $1 and organisation <> $2 and id <> $3",
        source.namespace or source.id,
        source.organisation,
        source.id,
    )
    if other is not None:
        raise SourceError(
            f"{source.id}: namespace {source.namespace or source.id!r} is that of {other}, "
            "a source of another organisation"
        )
    await connection.execute(
        """
        insert into exchange.source (id, name, organisation, namespace, channels, charset,
            number_period, table_mapping, table_name, database_url, overlap_minutes,
            vanished_rows, codes, enabled, stage, contact, silent_after, messages_per_minute,
            addresses)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::jsonb, $14, $15,
            $16, $17, $18, $19)
        on conflict (id) do update set name = excluded.name, organisation = excluded.organisation,
            channels = excluded.channels, charset = excluded.charset,
            number_period = excluded.number_period, table_mapping = excluded.table_mapping,
            table_name = excluded.table_name, database_url = excluded.database_url,
            overlap_minutes = excluded.overlap_minutes, vanished_rows = excluded.vanished_rows,
            codes = excluded.codes, enabled = excluded.enabled, stage = excluded.stage,
            contact = excluded.contact, silent_after = excluded.silent_after,
            messages_per_minute = excluded.messages_per_minute, addresses = excluded.addresses""",
        source.id,
        source.name,
        source.organisation,
        source.namespace or source.id,
        list(source.channels),
        source.charset,
        source.number_period,
        source.table_mapping,
        source.table_name,
        source.database_url,
        source.overlap_minutes,
        source.vanished_rows,
        msgspec.json.encode(source.codes).decode(),
        source.enabled,
        source.stage,
        source.contact,
        source.silent_after,
        source.messages_per_minute,
        list(source.addresses),
    )


DIRECTORY = "MK-PLATFORM"
"""Id of the organisation that the platform's own resources come from."""


async def register(store: Store, source: Source, institution: str = "") -> None:
    """Register a source and its institution, which becomes an Organization of the store.

    `institution` is what the institution is called where the source has a name of its own. What
    the directory of organisations wrote stays: it knows more.
    """
    organization = {
        "resourceType": "Organization",
        "id": source.organisation,
        "active": True,
        "name": institution or source.system_name,
    }
    async with store.pool.acquire() as connection, connection.transaction():
        await save_source(connection, source)
        key = ("Organization", source.organisation)
        locked = await lock_current(store, connection, [key])
        if key not in locked.current or locked.current[key].source != DIRECTORY:
            await write(store, connection, [Change(organization, source.organisation)], locked)


async def go_live(connection: Connection, source: str, *, keep: bool) -> int:
    """End the trial of a source; how many of its trial messages were taken over.

    With `keep` they are processed as if they came now; else they are removed.
    """
    async with connection.transaction():
        await connection.execute("update exchange.source set stage = 'live' where id = $1", source)
        if not keep:
            await connection.execute(
                "delete from exchange.message where source = $1 and state = 'trial'", source
            )
            return 0
        rows = await connection.fetch(
            """update exchange.message m set state = 'waiting'
               where m.source = $1 and m.state = 'trial' returning m.id""",
            source,
        )
    return len(rows)


async def sources(connection: Connection) -> dict[str, Source]:
    """All sources by id."""
    rows = await connection.fetch(
        """select s.id, s.name, organisation, namespace, channels, charset, number_period,
                  table_mapping, m.text as mapping_text, table_name, database_url,
                  overlap_minutes, vanished_rows, codes::text as codes, enabled, stage, contact,
                  silent_after, messages_per_minute, addresses
           from exchange.source s
           left join lateral (
               select text from exchange.mapping m
               where m.source = s.id and m.name = s.table_mapping order by m.id desc limit 1) m
               on true
           order by s.id"""
    )
    return {
        row["id"]: msgspec.convert({**row, "codes": msgspec.json.decode(row["codes"])}, Source)
        for row in rows
    }
