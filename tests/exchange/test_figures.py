"""What sources send, counted as it happens."""

from datetime import UTC, datetime, timedelta

import pytest

from minkang.exchange import Source, save_source
from minkang.exchange.figures import by_day, source_figures, total
from minkang.exchange.quarantine import noted as count_noted
from minkang.exchange.quarantine import replay, replay_noted
from tests.exchange.conftest import Exchange
from tests.exchange.messages import adt

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_arrives_and_what_becomes_of_it_is_counted_once(exchange: Exchange) -> None:
    before = datetime.now(UTC)
    good = adt(control="f1", visit="VF1")
    await exchange.send(good, good, adt(control="f2", visit="VF2", at="20260231080000"))
    await exchange.process()
    async with exchange.store.pool.acquire() as connection:
        now = datetime.now(UTC)
        found = (await source_figures(connection, now))["haibin"]
        (day,) = await by_day(connection, "haibin", now, 30)
        assert (found.minute, found.today, found.hours[-1]) == (2, 2, 2)
        assert (found.waiting, found.quarantined) == (0, 1)
        assert found.last is not None
        assert found.last > before
        assert found.alive == found.last
        assert (day.received, day.repeated, day.stored, day.quarantined) == (2, 1, 1, 1)
        assert await total(connection, "haibin") == 2
        silent = (await source_figures(connection, now))["yunxi"]
        assert (silent.last, silent.alive, silent.today) == (None, None, 0)


async def test_figures_of_hours_stand_in_their_place(exchange: Exchange) -> None:
    source = Source(id="hours", name="x", organisation="MKX", channels=("mllp",))
    now = datetime(2026, 5, 1, 8, 20, tzinfo=UTC)
    async with exchange.store.pool.acquire() as connection:
        await save_source(connection, source)
        for hours, writer in ((0, 1), (0, 2), (23, 1), (24, 1)):
            await connection.execute(
                """insert into exchange.hour (source, hour, writer, received)
                   values ('hours', $1, $2, 10)""",
                now.replace(minute=0) - timedelta(hours=hours),
                writer,
            )
        found = (await source_figures(connection, now))["hours"]
        assert (found.hours[0], found.hours[-1], found.today) == (10, 20, 30)
        assert await total(connection, "hours") == 40


async def test_what_was_stored_with_a_note_is_processed_again_and_nothing_else(
    exchange: Exchange,
) -> None:
    noted, plain = await exchange.send(
        adt(control="n1", event="Z99", visit="VN1"), adt(control="n2", visit="VN2")
    )
    await exchange.process()
    assert await exchange.rules(noted.id) == [("MSH-9", "no-mapping")]
    async with exchange.store.pool.acquire() as connection:
        assert await count_noted(connection) == {"no-mapping": 1}
        assert await count_noted(connection, "yunxi") == {}
        assert await replay_noted(connection, "no-mapping") == [noted.id]
        assert await replay(connection, [plain.id]) == []
    await exchange.process()
    assert await exchange.state(noted.id) == "stored"
    assert await exchange.rules(noted.id) == [("MSH-9", "no-mapping")]
