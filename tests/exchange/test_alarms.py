"""What a person must know of begins, is told once, and ends by itself."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from minkang.app.platform import Platform
from minkang.app.watch import look_once
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.exchange import Source, save_source
from minkang.exchange.alarms import Alarm, acknowledge, alarms, unseen, watch
from minkang.store import Connection, Store

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
SOURCE = Source(
    id="alarmed", name="海滨医院", organisation="MK1", channels=("table",), contact="李工",
    silent_after=30,
)  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def connection(store: Store) -> AsyncIterator[Connection]:
    """A connection to a database with one live source that sent at NOW."""
    async with store.pool.acquire() as connection:
        await connection.execute("truncate exchange.source cascade")
        await connection.execute("truncate exchange.alarm")
        await save_source(connection, SOURCE)
        await connection.execute(
            """insert into exchange.hour (source, hour, writer, received, quarantined, last)
               values ('alarmed', $1, 0, 100, 5, $2)""",
            NOW.replace(minute=0),
            NOW,
        )
        yield connection


async def lasting(connection: Connection) -> list[Alarm]:
    return [one for one in await alarms(connection) if one.ended is None]


async def test_silence_begins_and_ends_an_alarm_and_comes_back_as_another(
    connection: Connection,
) -> None:
    await watch(connection, NOW + timedelta(minutes=30))
    assert await lasting(connection) == []
    begun = NOW + timedelta(minutes=31)
    await watch(connection, begun)
    await watch(connection, begun + timedelta(minutes=1))
    (one,) = await lasting(connection)
    assert (one.kind, one.source, one.since) == ("silent", "alarmed", begun)
    assert one.text == "海滨医院超过 30 分钟没有消息或心跳，请联系 李工"
    assert await unseen(connection) == 1
    assert await acknowledge(connection, one.id, "王敏", begun)
    assert not await acknowledge(connection, one.id, "别人", begun)
    assert await unseen(connection) == 0
    await connection.execute("update exchange.source set heartbeat = $1", begun)
    await watch(connection, begun + timedelta(minutes=2))
    (ended,) = await alarms(connection)
    assert (ended.ended, ended.seen_by) == (begun + timedelta(minutes=2), "王敏")
    await watch(connection, begun + timedelta(hours=2))
    assert len(await alarms(connection)) == 2


@pytest.mark.parametrize("change", [{"enabled": False}, {"stage": "trial"}])
async def test_a_source_that_is_off_or_on_trial_alarms_nobody(
    connection: Connection, change: dict[str, object]
) -> None:
    await save_source(connection, msgspec.structs.replace(SOURCE, **change))
    await watch(connection, NOW + timedelta(days=3))
    assert await alarms(connection) == []


async def test_more_than_a_fifth_in_quarantine_alarms(connection: Connection) -> None:
    await connection.execute("update exchange.hour set quarantined = 20")
    await watch(connection, NOW)
    assert await alarms(connection) == []
    await connection.execute("update exchange.hour set quarantined = 21")
    await watch(connection, NOW)
    (one,) = await alarms(connection)
    assert (one.kind, one.source) == ("quarantine", "alarmed")


async def test_a_table_out_of_reach_alarms_only_when_that_lasts(connection: Connection) -> None:
    await connection.execute("insert into exchange.poll (source, error) values ('alarmed', '断了')")
    await watch(connection, NOW)
    await watch(connection, NOW + timedelta(minutes=9))
    assert await alarms(connection) == []
    await connection.execute("update exchange.poll set error = null")
    await watch(connection, NOW + timedelta(minutes=9))
    await connection.execute("update exchange.poll set error = '又断了'")
    await watch(connection, NOW + timedelta(minutes=10))
    assert await alarms(connection) == []
    await watch(connection, NOW + timedelta(minutes=20))
    (one,) = await alarms(connection)
    assert (one.kind, one.text) == ("unreachable", "海滨医院的前置库读不到：又断了")


async def test_messages_that_wait_too_long_alarm(connection: Connection) -> None:
    await connection.execute(
        """insert into exchange.message
               (source, channel, received, kind, control_id, hash, size, body, state)
           values ('alarmed', 'mllp', $1, 'x', 'x', 'x', 1, 'x', 'waiting')""",
        NOW,
    )
    await watch(connection, NOW + timedelta(minutes=5))
    assert await alarms(connection) == []
    await watch(connection, NOW + timedelta(minutes=6))
    (one,) = await alarms(connection)
    assert (one.kind, one.source) == ("backlog", None)
    assert "6 分钟" in one.text


async def test_the_command_is_given_each_alarm_until_it_takes_it(
    connection: Connection, store: Store, keys: Keys, tmp_path: Path
) -> None:
    took = tmp_path / "took"
    program = tmp_path / "on_call.py"
    program.write_text(
        f"""import pathlib, sys
said = sys.stdin.read()
file = pathlib.Path({str(took)!r})
file.write_text((file.read_text() if file.exists() else "") + said + "\\n")
sys.exit(1 if file.read_text().count("\\n") == 1 else 0)
"""
    )
    settings = Settings(home=tmp_path, alarm_command=(sys.executable, str(program)))
    platform = Platform(settings, "", keys, store.pool, store)
    await connection.execute(
        "update exchange.hour set last = $1", datetime.now(UTC) - timedelta(hours=1)
    )
    for _ in range(3):
        await look_once(platform)
    said = [msgspec.json.decode(line) for line in took.read_text().splitlines()]
    assert [one["kind"] for one in said] == ["silent", "silent"]  # the first time it failed
    assert said[0]["source"] == "alarmed"


async def test_a_command_that_is_not_there_stops_nothing(
    connection: Connection, store: Store, keys: Keys, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, alarm_command=("/nowhere/on-call",))
    await look_once(Platform(settings, "", keys, store.pool, store))
    assert await unseen(connection) == 1
