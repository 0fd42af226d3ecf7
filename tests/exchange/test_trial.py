"""Trying a source: single messages, what came on trial, the first rows of a table."""

from datetime import UTC, datetime

import msgspec
import pytest

from minkang.exchange import save_source
from minkang.exchange.mappings.tables import shipped_text
from minkang.exchange.sources import go_live, sources
from minkang.exchange.table_preview import Preview, preview
from minkang.exchange.trial import ENOUGH, judge_again, readiness, take_over, try_message
from minkang.terminology import source_maps
from tests.exchange.conftest import HAIBIN, YUNXI, Exchange
from tests.exchange.messages import PID, adt, oru

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEADER = "visit_no,patient_no,name,sex,birth_date,visit_time,updated_at\n"
ROW = "V1,P1,张三,男,1985-03-15,2026-04-01 08:00,2026-04-01 09:00\n"


async def test_a_tried_message_shows_what_it_becomes_or_why_not(exchange: Exchange) -> None:
    async with exchange.store.pool.acquire() as connection:
        known = (await source_maps(exchange.store, connection, {"haibin"}))["haibin"]
    key = exchange.keys.id_key
    good = try_message(HAIBIN, known, key, "mllp", oru(), NOW)
    assert good.problems == ()
    assert {"Patient", "Observation"} <= {one["resourceType"] for one in good.resources}
    bad = try_message(HAIBIN, known, key, "mllp", oru(value="x"), NOW)
    assert (bad.resources, [p.place for p in bad.problems]) == ((), ["OBX-5"])


async def test_a_source_is_ready_when_everything_was_shown_to_work(exchange: Exchange) -> None:
    trial = msgspec.structs.replace(HAIBIN, stage="trial")
    store, key = exchange.store, exchange.keys.id_key
    async with store.pool.acquire() as connection:
        await save_source(connection, trial)
        exchange.sources = await sources(connection)
        nameless = PID.replace("371098198503150017", "").replace("欧阳小明||19850315|M", "佚名||")
        assert nameless != PID
        await exchange.send(adt(control="t0", pid=nameless))
        found = await readiness(store, connection, key, trial)
        assert (found.good, found.patients, found.unidentified) == ({"mllp": 1}, 1, 1)
        await connection.execute("delete from exchange.message")
        for number in range(ENOUGH - 1):
            await exchange.send(adt(control=f"t{number}", visit=f"T{number}"))
        assert not (await readiness(store, connection, key, trial)).is_ready(trial)
        await exchange.send(oru(control="t9"))
        found = await readiness(store, connection, key, trial)
        assert found.is_ready(trial)
        both = msgspec.structs.replace(trial, channels=("mllp", "fhir"))
        assert found.missing_channels(both) == ("fhir",)
        assert not found.is_ready(both)
        await exchange.send(adt(control="t10", at="20260231080000"))
        found = await readiness(store, connection, key, trial)
        assert (found.bad, found.is_ready(trial)) == (1, False)


async def test_messages_are_judged_again_by_the_source_as_it_is_now(exchange: Exchange) -> None:
    store, key = exchange.store, exchange.keys.id_key
    trial = msgspec.structs.replace(YUNXI, stage="trial", channels=("mllp",), id="yunxi")
    async with store.pool.acquire() as connection:
        await connection.execute("delete from exchange.message")
        await save_source(connection, trial)
        exchange.sources = await sources(connection)
        raw = adt(sender="yunxi", charset="").decode().encode("gb18030")
        (kept,) = await exchange.send(raw.replace(b"MKHAIBIN", b"MKYUNXI"))
        assert kept.state == "trial"
        assert await exchange.rules(kept.id)
        mended = msgspec.structs.replace(trial, charset="gb18030")
        assert await judge_again(store, connection, key, mended) == 0
        assert await exchange.rules(kept.id) == []
        assert await judge_again(store, connection, key, trial) == 1


async def test_what_came_as_on_trial_while_the_source_went_live_is_processed(
    exchange: Exchange,
) -> None:
    store = exchange.store
    async with store.pool.acquire() as connection:
        await save_source(connection, msgspec.structs.replace(HAIBIN, stage="trial"))
        exchange.sources = await sources(connection)
        (early,) = await exchange.send(adt(control="s1", visit="S1"))
        assert await take_over(connection) == 0
        assert await go_live(connection, "haibin", keep=True) == 1
        (late,) = await exchange.send(adt(control="s2", visit="S2"))  # by one who knows it not yet
        assert late.state == "trial"
        assert await take_over(connection) == 1
    await exchange.process()
    assert [await exchange.state(one.id) for one in (early, late)] == ["stored", "stored"]


async def tried(exchange: Exchange, text: str, table: bytes, charset: str = "utf-8") -> Preview:
    async with exchange.store.pool.acquire() as connection:
        known = (await source_maps(exchange.store, connection, {"yunxi"}))["yunxi"]
    source = msgspec.structs.replace(YUNXI, charset=charset)
    return preview(source, known, exchange.keys.id_key, text, table, NOW)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
async def test_the_first_rows_of_a_table_are_shown_with_line_and_column_of_what_is_wrong(
    exchange: Exchange, charset: str
) -> None:
    mapping = "\n".join(
        line
        for line in shipped_text("clinic_visits").split("  - type: Encounter")[0].splitlines()
        if "phone" not in line and "id_number" not in line
    )
    wrong = '"V2\n2",P2,李四,男,1985-02-30,2026-04-01 08:00,2026-04-01 09:00\n'
    table = HEADER + ROW + wrong + ROW + "V3,P3\n"
    found = await tried(exchange, mapping, table.encode(charset), charset)
    assert (found.error, found.judged, found.bad) == ("", 4, 2)
    assert [row.line for row in found.rows] == [2, 3, 5, 6]
    assert found.rows[0].tried.resources[0]["name"][0]["text"] == "张三"
    (problem,) = found.rows[1].tried.problems
    assert problem.place.endswith("列 birth_date")
    (problem,) = found.rows[3].tried.problems
    assert (problem.place, problem.rule) == ("列 name", "ragged")


async def test_a_wrong_mapping_or_file_is_said(exchange: Exchange) -> None:
    text = shipped_text("clinic_visits")
    wrong = text.replace("type: Patient", "type: Patent", 1)
    assert "Patent" in (await tried(exchange, wrong, HEADER.encode())).error
    for table in (b"", b"\xff\xfe\x81", b"\xd0\xcf\x11\xe0"):
        found = await tried(exchange, text, table)
        assert (found.judged, found.bad) == (1, 1)
