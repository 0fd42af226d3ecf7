"""The worker polls every source, whatever becomes of the others."""

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg

from minkang.app.platform import open_platform
from minkang.app.worker import _poll
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.exchange import Inbox, Source, save_source
from tests.exchange.test_tables import row


async def test_a_source_that_is_down_holds_up_no_other(database_url: str, tmp_path: Path) -> None:
    load_keys(tmp_path / "keys", create=True)
    settings = Settings(home=tmp_path, database_url=database_url)
    async with open_platform(settings, database_url) as platform:
        inbox = Inbox(platform.store)
        columns = ", ".join(f"{name} text" for name in row())
        await platform.pool.execute(f"create table polled_visits ({columns})")
        marks = ", ".join(f"${n}" for n in range(1, len(row()) + 1))
        await platform.pool.execute(f"insert into polled_visits values ({marks})", *row().values())
        async with platform.pool.acquire() as connection:
            for name, url in (("a-down", "mariadb://localhost:1/x"), ("b-up", None)):
                source = Source(
                    id=name,
                    name=name,
                    organisation="MKPOLLED",
                    channels=("table",),
                    table_mapping="clinic_visits",
                    table_name="polled_visits",
                    database_url=url,
                )
                await save_source(connection, source)
        wanted = [("a-down", False), ("b-up", True)]
        polling = asyncio.create_task(_poll(platform, inbox))
        try:
            async with asyncio.timeout(30):
                while await _kept(platform.pool) != wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
            await inbox.close()


async def _kept(pool: asyncpg.Pool) -> list[tuple[str, bool]]:
    """The sources that were looked at, and whether without an error."""
    rows = await pool.fetch(
        """select p.source, p.error is null as well from exchange.poll p
           where p.error is not null or exists (
               select from exchange.message m where m.source = p.source)
           order by p.source"""
    )
    return [(one["source"], one["well"]) for one in rows]
