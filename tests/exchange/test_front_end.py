"""Front-end tables of PostgreSQL and MariaDB: late rows, deleted rows, rows without times."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pymysql
import pytest
import pytest_asyncio

from minkang.exchange import Source, save_source
from minkang.exchange.channels.front_end import poll_table, read_rows
from minkang.exchange.channels.front_end_table import FrontTableError
from minkang.exchange.sources import sources
from minkang.fhir import TYPE_CODES
from tests.exchange import mariadb
from tests.exchange.conftest import Exchange
from tests.exchange.test_tables import row

START = datetime(2026, 5, 1, 10)  # noqa: DTZ001 - as the source writes it
COLUMNS = ", ".join(
    f"{name} {'{time}' if name == 'updated_at' else 'varchar(60)'}" for name in row()
)


class Front:
    """A source's database, and its polling."""

    def __init__(
        self, exchange: Exchange, url: str, run: Callable[..., Awaitable[Any]], time: str
    ) -> None:
        self.exchange, self.url, self.run, self._time = exchange, url, run, time
        self.source = Source(id="none", name="前置库", organisation="MKFRONT", channels=("table",))

    async def table(self, name: str, **more: Any) -> None:
        """An empty table with its source."""
        await self.run(f"drop table if exists {name}")
        await self.run(f"create table {name} ({COLUMNS.format(time=self._time)})")
        source = Source(
            id=f"{name.replace('_', '-')}-{urlsplit(self.url).scheme}",
            name="前置库",
            organisation="MKFRONT",
            channels=("table",),
            **{"table_mapping": "clinic_visits", **more},
            table_name=name,
            database_url=self.url,
        )
        async with self.exchange.store.pool.acquire() as connection:
            await save_source(connection, source)
            self.source = (await sources(connection))[source.id]

    async def put(self, number: object, at: datetime | None, **more: Any) -> None:
        values = row(visit_no=number, updated_at=at, **more)
        marks = ", ".join(["%s"] * len(values))
        await self.run(
            f"insert into {self.source.table_name} ({', '.join(values)}) values ({marks})",
            *values.values(),
        )

    async def poll(self) -> int:
        count = await poll_table(
            self.exchange.store,
            self.exchange.inbox,
            self.source,
            self.exchange.keys.id_key,
        )
        await self.exchange.process()
        return count

    async def due(self, *columns: str) -> None:
        """As if much time had gone by since the last overlap or comparison."""
        for column in columns:
            await self.exchange.store.pool.execute(
                f"update exchange.poll set {column} = '2020-01-01' where source = $1",
                self.source.id,
            )

    async def visits(self) -> dict[str, bool]:
        """The source's visits by number, and whether they are there (deleted: False)."""
        rows = await self.exchange.store.pool.fetch(
            """select distinct on (m.control_id) m.control_id, r.deleted
               from exchange.message m join exchange.made d on d.message = m.id
               join store.resource r on r.type = d.type and r.id = d.id
               where m.source = $1 and r.type = $2 order by 1""",
            self.source.id,
            TYPE_CODES["Encounter"],
        )
        return {one["control_id"]: not one["deleted"] for one in rows}

    async def state(self) -> Any:
        return await self.exchange.store.pool.fetchrow(
            "select * from exchange.poll where source = $1", self.source.id
        )


@pytest.fixture(scope="module")
def maria() -> Iterator[str | None]:
    if mariadb.missing():
        yield None
        return
    with mariadb.server() as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["postgresql", "mariadb"])
async def front(
    request: pytest.FixtureRequest, exchange: Exchange, database_url: str, maria: str | None
) -> AsyncIterator[Front]:
    if request.param == "postgresql":
        connection = await asyncpg.connect(database_url)

        async def run(text: str, *values: Any) -> None:
            parts = text.split("%s")
            text = "".join(f"{p}${n}" for n, p in enumerate(parts[:-1], 1)) + parts[-1]
            await connection.execute(text, *values)

        yield Front(exchange, database_url, run, "timestamp")
        await connection.close()
        return
    if maria is None:
        pytest.skip(mariadb.missing() or "")
    parts = urlsplit(maria)
    client = pymysql.connect(
        unix_socket=parts.query.removeprefix("unix_socket="),
        user="reader",
        password="s@fe",
        database="front",
        autocommit=True,
    )

    async def run_maria(text: str, *values: Any) -> None:
        with client.cursor() as cursor:
            await asyncio.to_thread(cursor.execute, text, values)

    yield Front(exchange, maria, run_maria, "datetime(6)")
    client.close()


async def test_rows_committed_late_are_found_in_the_overlap(front: Front) -> None:
    await front.table("late_rows")
    for number in range(3):
        await front.put(f"L{number}", START + timedelta(minutes=number))
    assert await front.poll() == 3
    await front.put("L8", START - timedelta(minutes=5))
    await front.put("L9", START - timedelta(minutes=50))
    assert await front.poll() == 0
    await front.due("overlapped")
    assert await front.poll() == 1
    await front.due("overlapped", "compared")
    assert await front.poll() == 1
    assert await front.visits() == dict.fromkeys(("L0", "L1", "L2", "L8", "L9"), True)


async def test_rows_of_the_past_can_be_read_at_once(front: Front) -> None:
    """Whoever put them there names them; they come again neither by polling nor by comparing."""
    await front.table("front_past")
    await front.put("N1", START)
    assert await front.poll() == 1
    for number in range(2, 5):
        await front.put(f"P{number}", START - timedelta(days=number))
    assert await front.poll() == 0
    read = read_rows(
        front.exchange.store,
        front.exchange.inbox,
        front.source,
        ["P2", "P3", "not there"],
        front.exchange.keys.id_key,
    )
    assert await read == 2
    await front.exchange.process()
    await front.due("overlapped", "compared")
    assert await front.poll() == 1
    assert await front.visits() == {"N1": True, "P2": True, "P3": True, "P4": True}


async def test_a_row_that_vanished_is_withdrawn_and_comes_back(front: Front) -> None:
    await front.table("gone_rows")
    for number in range(3):
        await front.put(f"G{number}", START + timedelta(minutes=number))
    await front.poll()
    await front.run("delete from gone_rows where visit_no = 'G1'")
    await front.due("compared")
    assert await front.poll() == 0
    assert await front.visits() == {"G0": True, "G1": False, "G2": True}
    await front.put("G1", START + timedelta(minutes=1), sbp="139")
    await front.due("compared")
    assert await front.poll() == 1
    assert await front.visits() == {"G0": True, "G1": True, "G2": True}
    assert (
        await front.exchange.store.pool.fetchval(
            "select count(*) from exchange.message where source = $1 and state <> 'stored'",
            front.source.id,
        )
        == 0
    )


async def test_an_emptied_table_withdraws_nothing_and_says_so(front: Front) -> None:
    await front.table("empty_rows")
    for number in range(60):
        await front.put(f"E{number:02}", START + timedelta(minutes=number))
    assert await front.poll() == 60
    await front.run("delete from empty_rows where visit_no > 'E02'")
    await front.due("compared")
    await front.poll()
    assert all((await front.visits()).values())
    assert "少了 57 行" in (await front.state())["error"]
    await front.poll()
    assert "少了 57 行" in (await front.state())["error"]
    await front.due("compared")
    front.source = msgspec.structs.replace(front.source, vanished_rows="withdraw-all")
    await front.poll()
    assert sorted(one for one, there in (await front.visits()).items() if there) == [
        "E00",
        "E01",
        "E02",
    ]
    assert (await front.state())["error"] is None


async def test_a_table_without_times_is_read_by_key(front: Front) -> None:
    mapping = """\
table: results
row: visit_no
resources:
  - {type: Basic, number: "{visit_no}", set: {code: {text: {column: name}}}}
"""
    await front.table("key_rows", table_mapping="own")
    await front.exchange.store.pool.execute(
        "insert into exchange.mapping (source, name, text, by) values ($1, 'own', $2, 'test')",
        front.source.id,
        mapping,
    )
    async with front.exchange.store.pool.acquire() as connection:
        front.source = (await sources(connection))[front.source.id]
    for number in ("K1", "K3"):
        await front.put(number, None)
    assert await front.poll() == 2
    await front.put("K2", None)
    await front.put("K4", None)
    assert await front.poll() == 1
    await front.due("overlapped")
    assert await front.poll() == 1
    assert await front.poll() == 0


async def test_integer_keys_are_read_in_their_own_order(front: Front) -> None:
    await front.table("number_rows")
    kind = "alter column visit_no type int using visit_no::int"
    maria = "modify visit_no int"
    await front.run(f"alter table number_rows {maria if 'mariadb' in front.url else kind}")
    numbers: list[Any] = [9, 10, 100]
    for number in numbers:
        await front.put(number, START)
    assert await front.poll() == 3
    await front.put(11, START)
    await front.put(101, START)
    assert await front.poll() == 1
    await front.due("overlapped")
    assert await front.poll() == 1


async def test_what_is_wrong_with_a_database_shows_as_its_state(front: Front) -> None:
    await front.table("odd_rows")
    await front.put("O1", START)
    await front.run("alter table odd_rows drop column sex")
    with pytest.raises(FrontTableError, match="sex"):
        await front.poll()
    state = await front.state()
    assert "表中没有映射要用的列：sex" in state["error"]
    assert await front.poll() == 0, "the next poll waits a little"
    await front.run("drop table odd_rows")
    await front.due("at")
    with pytest.raises((asyncpg.PostgresError, pymysql.MySQLError)):
        await front.poll()
    assert "没有这张表" in (await front.state())["error"]
    wrong, says = front.url.replace("s%40fe", "wrong"), "账号或密码不对"
    if front.url.startswith("postgresql"):
        parts = urlsplit(front.url)
        wrong, says = parts._replace(path=f"{parts.path}-none").geturl(), "没有这个库"
    for url, text in ((wrong, says), ("mariadb://localhost:1/x", "连不上来源的数据库")):
        await front.due("at")
        front.source = msgspec.structs.replace(front.source, database_url=url)
        with pytest.raises((OSError, asyncpg.PostgresError, pymysql.MySQLError)):
            await front.poll()
        assert text in (await front.state())["error"]
