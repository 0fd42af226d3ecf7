"""The demonstration: invented lives sent in by three sources, accounts, one fresh message."""

import asyncio
import logging
import shlex
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from minkang.accounts import account_by_login, create_account, create_organisation
from minkang.app.demonstration_targets import add_target
from minkang.app.platform import Platform, open_gate, open_platform
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.exchange import Inbox, Source, process_waiting, register, sources
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.channels.front_end import poll_table
from minkang.exchange.hl7v2 import frame
from minkang.exchange.reconciliation import keep_counts, read_counts
from minkang.exchange.sources import Channel
from minkang.identity import Resident as Person
from minkang.identity import find_residents, follow
from minkang.store import Connection, Scope
from minkang.store.codec import train_if_due
from minkang.synth import (
    INSTITUTIONS,
    VISIT_COLUMNS,
    Region,
    Resident,
    daily_counts,
    generate,
    new_lab_message,
    read_residents,
    write_region,
)
from minkang.web.context import DemoAccount, Demonstration, Sent

_log = logging.getLogger(__name__)

_SEED = 2026
_ZONE = ZoneInfo("Asia/Shanghai")
_PASSWORD = "haibin-demo-2026"  # noqa: S105 - printed for everyone who runs the demonstration
_TABLE = "front_yunxi.visits"
_CHUNK = 200
_CHANNELS: dict[str, tuple[Channel, ...]] = {
    "haibin": ("mllp", "document", "fhir", "wst"),
    "gangcheng": ("mllp",),
    "yunxi": ("table",),
}
_COUNTED_DAYS = 30
_LOST_VISITS = 3
# What the second hospital sends under codes of its own alone, as LOINC.
_LOCAL_CODES = {
    "UA": "14933-6",
    "K": "2823-3",
    "NEUT%": "770-8",
    "HCT": "4544-3",
    "MCV": "787-2",
    "FT3": "14928-6",
    "PCT": "33959-8",
}
_ANSWER_SECONDS = 10


class Story(msgspec.Struct, frozen=True):
    """What a later start of the same demonstration needs to know.

    Attributes:
        resident: key of the resident whom the accounts and the fresh messages are about.
        person: id of the Person, known once the data are in.
        residents: how many lives there are.
        today: the day up to which they were lived.
    """

    resident: str
    person: str
    residents: int
    today: date


def story_file(home: Path) -> Path:
    """Where the story is kept; its presence means that the data are complete."""
    return home / "demo.json"


def read_story(home: Path) -> Story | None:
    """The story of the demonstration in a state folder, if there is one."""
    file = story_file(home)
    return msgspec.json.decode(file.read_bytes(), type=Story) if file.exists() else None


def prepare(settings: Settings, url: str, residents: int) -> None:
    """Make the demonstration's data and accounts, unless they are there; can be interrupted."""
    if read_story(settings.home) is None:
        asyncio.run(_prepare(settings, url, residents))


async def _prepare(settings: Settings, url: str, residents: int) -> None:
    started = time.monotonic()
    today = datetime.now(_ZONE).date()
    region = generate(residents, _SEED, today)
    folder = settings.home / "demo"
    write_region(region, folder)
    _log.info("%d lives made in %.1f s", residents, time.monotonic() - started)
    async with open_platform(settings, url) as platform:
        await _register(platform)
        count = await _send_all(platform, region)
        _log.info("%d messages sent in by %.1f s", count, time.monotonic() - started)
        await _process_all(platform)
        await _report_counts(platform, region)
        await add_target(platform)
        _log.info("all in the record by %.1f s", time.monotonic() - started)
        resident, person = await _hero(platform, region)
        async with open_gate(platform) as gate:
            await _accounts(platform, gate.log, person)
        story = Story(resident.key, person.person, residents, today)
        story_file(settings.home).write_bytes(msgspec.json.encode(story))


async def _register(platform: Platform) -> None:
    """Institutions, and the three systems that send."""
    kinds = {"haibin": "hospital", "gangcheng": "hospital", "yunxi": "clinic"}
    for place in INSTITUTIONS.values():
        await create_organisation(
            platform.pool, organisation_id=place.code, name=place.name, kind=kinds[place.source]
        )
    await create_organisation(
        platform.pool,
        organisation_id="MK-CENTRE",
        name="海滨市健康信息中心",
        kind="information-centre",
    )
    for place in INSTITUTIONS.values():
        table = place.source == "yunxi"
        source = Source(
            id=place.source,
            name=place.name,
            organisation=place.code,
            channels=_CHANNELS[place.source],
            charset=place.charset,
            table_mapping="clinic_visits" if table else None,
            table_name=_TABLE if table else None,
            codes=_LOCAL_CODES if place.source == "gangcheng" else {},
        )
        await register(platform.store, source)
    async with platform.pool.acquire() as connection:
        columns = ", ".join(f"{column} text" for column in VISIT_COLUMNS)
        await connection.execute("create schema if not exists front_yunxi")
        await connection.execute(f"create table if not exists {_TABLE} ({columns})")


async def _send_all(platform: Platform, region: Region) -> int:
    """All messages through the doors: two hospitals by HL7 v2, the clinic's table by polling."""
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
        await _fill_table(connection, region)
    inbox = Inbox(platform.store)
    try:
        count = 0
        for source in ("haibin", "gangcheng"):
            messages = region.messages(source)
            for chunk in _chunks([message.raw for message in messages], _CHUNK):
                seen = [look_at_hl7v2(known, platform.keys.id_key, raw) for raw in chunk]
                await asyncio.gather(*(inbox.keep(one.arrival) for one in seen))
                await _process_some(platform)
            count += len(messages)
        return count + await poll_table(platform.store, inbox, known["yunxi"], platform.keys.id_key)
    finally:
        await inbox.close()


async def _fill_table(connection: Connection, region: Region) -> None:
    await connection.execute(f"truncate {_TABLE}")
    schema, _, table = _TABLE.partition(".")
    await connection.copy_records_to_table(
        table,
        schema_name=schema,
        columns=VISIT_COLUMNS,
        records=[tuple(row[column] for column in VISIT_COLUMNS) for row in region.visits_rows()],
    )


async def _process_some(platform: Platform) -> None:
    await process_waiting(platform.store, platform.keys, _CHUNK)


async def _process_all(platform: Platform) -> None:
    while (await process_waiting(platform.store, platform.keys, _CHUNK)).messages:
        pass
    while await follow(platform.store, platform.keys):
        pass
    async with platform.pool.acquire() as connection:
        await train_if_due(connection, platform.store.codec)
        await connection.execute("analyze")


async def _report_counts(platform: Platform, region: Region) -> None:
    """Both hospitals report their last days, one of them with visits that it lost; the clinic
    reports nothing, so that nobody can say whether all of it came.
    """
    since = region.today - timedelta(days=_COUNTED_DAYS)
    for source, lost in (("haibin", 0), ("gangcheng", _LOST_VISITS)):
        lines = [
            {
                "day": one.day,
                "type": one.kind,
                "department": one.department,
                "count": len(one.numbers),
                "items": one.numbers,
            }
            for one in daily_counts(region, source, since, lost=lost)
        ]
        reported = read_counts(msgspec.json.encode(lines), "application/json")
        async with platform.pool.acquire() as connection:
            await keep_counts(connection, source, reported)


async def _hero(platform: Platform, region: Region) -> tuple[Resident, Person]:
    """Whom the demonstration is about: a diabetic known to all three sources, seen lately."""
    last = {(visit.source, visit.person): visit.start for visit in region.visits}
    never = datetime(2000, 1, 1, tzinfo=UTC)
    days = platform.settings.visit_relation_days
    lately, past = (datetime.now(UTC) - timedelta(days=n) for n in (days - 60, days + 60))

    def rank(resident: Resident) -> tuple[bool, bool, bool, int, bool, datetime]:
        diabetic = any(condition.code.startswith("E11") for condition in resident.conditions)
        plain = not resident.marks
        seen = last.get(("haibin", resident.key), never)
        # The second hospital's doctor is refused at first, until the resident shows the code.
        apart = seen > lately and last.get(("gangcheng", resident.key), never) < past
        # What is odd about a resident may keep a source apart, and its messages off the record.
        return plain, diabetic, apart, len(resident.numbers), resident.sex == "F", seen

    candidates = [resident for resident in region.residents if "haibin" in resident.numbers]
    for resident in sorted(candidates, key=rank, reverse=True):
        found = await find_residents(platform.store, Scope.whole(), resident.id_number)
        if found.residents:
            return resident, found.residents[0]
    raise RuntimeError("no resident of the demonstration has come through")


def _accounts_of(person: Person | None) -> Sequence[tuple[str, str, str, str | None, str]]:
    """Login, name, role, organisation, what it shows."""
    name = person.name if person else ""
    haibin, gangcheng = INSTITUTIONS["haibin"].code, INSTITUTIONS["gangcheng"].code
    return (
        ("yisheng", "王海燕", "doctor", haibin, "海滨市人民医院医生：查找居民、看档案"),
        ("zhongyi", "陈仲和", "doctor", gangcheng, "港城区中医医院医生：没有就诊关系时会被拒绝"),
        ("jumin", name, "resident", None, "居民：我的健康码、我的档案、谁看过"),
        (
            "xinxi",
            "林晓明",
            "information-centre",
            "MK-CENTRE",
            "信息中心：来源、消息、质量、对账、外发",
        ),
    )


async def _accounts(platform: Platform, log: AuditLog, person: Person) -> None:
    for login, name, role, organisation, _ in _accounts_of(person):
        if await account_by_login(platform.pool, login) is None:
            await create_account(
                platform.pool,
                log,
                login=login,
                name=name,
                role=role,
                password=_PASSWORD,
                now=datetime.now(UTC),
                organisation=organisation,
                person=person.person if role == "resident" else None,
            )


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts as the log-in page and the terminal show them."""
    names = {"doctor": "医生", "resident": "居民", "information-centre": "信息中心"}
    return tuple(
        DemoAccount(login, _PASSWORD, names[role], what)
        for login, _, role, _, what in _accounts_of(None)
    )


def demo_fhir(settings: Settings, folder: Path) -> tuple[str, ...]:
    """The FHIR base, and how to read from it in a shell in `folder`, as lines for the terminal."""
    base = f"http://{settings.host}:{settings.port}/fhir"
    usual = settings.home == folder / ".minkang"
    home = "" if usual else f"MINKANG_HOME={shlex.quote(str(settings.home))} "
    institution = INSTITUTIONS["haibin"]
    found = f"'{base}/Observation?code=http://loinc.org|4548-4&_sort=-date&_count=1'"
    return (
        f"FHIR R4  {base}   a system of {institution.name} reads its latest HbA1c:",
        f"TOKEN=$({home}.venv/bin/minkang token --role system --org {institution.code})",
        f'curl -H "Authorization: Bearer $TOKEN" {found}',
    )


def demonstration(platform: Platform) -> Demonstration:
    """The demonstration of a running platform; its button sends one message by socket."""
    story = read_story(platform.settings.home)
    if story is None:
        raise RuntimeError("the demonstration's data are not complete; run `minkang demo`")
    residents = {
        one.key: one for one in read_residents(platform.settings.home / "demo" / "truth.json")
    }
    resident = residents[story.resident]

    async def send() -> Sent:
        now = datetime.now(UTC)
        control_id = f"DEMO{now:%Y%m%d%H%M%S}{Random().randrange(1000):03}"  # noqa: S311
        raw = new_lab_message("haibin", resident, now, control_id)
        sent_ms = time.time_ns() // 1_000_000
        answer = await _exchange_by_socket(platform.settings, raw)
        line = next((part for part in answer.split("\r") if part.startswith("MSA")), "")
        return Sent(
            "haibin",
            control_id,
            story.person,
            resident.name,
            line,
            sent_ms,
            time.time_ns() // 1_000_000,
        )

    return Demonstration(demo_accounts(), send)


async def _exchange_by_socket(settings: Settings, raw: bytes) -> str:
    reader, writer = await asyncio.open_connection(settings.mllp_host, settings.mllp_port)
    try:
        writer.write(frame(raw))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), _ANSWER_SECONDS)
    finally:
        writer.close()
    return answer.strip(b"\x0b\x1c\r").decode()


def _chunks(items: Sequence[bytes], size: int) -> Iterable[Sequence[bytes]]:
    return (items[begin : begin + size] for begin in range(0, len(items), size))
