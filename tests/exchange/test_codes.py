"""Codes of a source on their way: noted, decided on, and beside them the standard ones."""

from datetime import UTC, datetime

from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, find
from minkang.terminology import (
    Coding,
    Meaning,
    map_codes,
    queue,
    recode_some,
    unmap_code,
)
from tests.exchange.conftest import Exchange
from tests.exchange.messages import PID, oru

SYSTEM = "urn:minkang:source:haibin:code:l"
LOINC = "http://loinc.org"


def result(number: str, code: str = "ALT1^谷丙转氨酶^L", control: str = "") -> bytes:
    raw = oru(pid=PID.replace("P001", f"C{number}"), report=f"LC{number}", control=f"c{number}")
    raw = raw.replace(b"2345-7^\xe8\x91\xa1\xe8\x90\x84\xe7\xb3\x96^LN", code.encode())
    return raw.replace(f"|c{number}|".encode(), f"|c{number}{control}|".encode())


async def codes_by(exchange: Exchange, value: str) -> list[list[str]]:
    """The codes of the Observations that a search finds."""
    search = parse_search(("Observation",), [("code", value)], base="")
    page = await find(exchange.store, Scope.whole(), search)
    return [[one["code"] for one in m.resource["code"]["coding"]] for m in page.matches]


async def decide(exchange: Exchange, code: str, target: str | None) -> None:
    async with exchange.store.pool.acquire() as connection, connection.transaction():
        meaning = Meaning(
            Coding(SYSTEM, code, "谷丙转氨酶"), Coding(LOINC, target, "ALT") if target else None
        )
        await map_codes(
            exchange.store,
            connection,
            source="haibin",
            organisation="MKHAIBIN",
            meanings=[meaning],
            by="信息中心",
            at=datetime.now(UTC),
        )
    while await recode_some(exchange.store):
        pass


async def waiting(exchange: Exchange) -> dict[str, int]:
    async with exchange.store.pool.acquire() as connection:
        return {one.code: one.count for one in await queue(connection, source="haibin")}


async def test_a_code_is_noted_decided_on_and_found_by_the_standard_one(
    exchange: Exchange,
) -> None:
    await exchange.send(result("1"), result("2"))
    await exchange.process()
    async with exchange.store.pool.acquire() as connection:
        noted = {one.code: one for one in await queue(connection, source="haibin")}
    assert (noted["ALT1"].count, noted["ALT1"].display) == (2, "谷丙转氨酶")
    assert (noted["ALT1"].target, noted["ALT1"].places) == (LOINC, ("Observation.code",))
    assert all(one.startswith("Observation/") for one in noted["ALT1"].samples)
    assert await codes_by(exchange, f"{LOINC}|1742-6") == []

    await decide(exchange, "ALT1", "1742-6")
    assert await codes_by(exchange, f"{LOINC}|1742-6") == [["ALT1", "1742-6"]] * 2
    # What comes later is coded at once, and waits for nobody.
    await exchange.send(result("3"))
    await exchange.process()
    assert await codes_by(exchange, f"{LOINC}|1742-6") == [["ALT1", "1742-6"]] * 3
    assert "ALT1" not in await waiting(exchange)

    await decide(exchange, "ALT1", "1743-4")
    assert await codes_by(exchange, f"{LOINC}|1742-6") == []
    assert await codes_by(exchange, f"{SYSTEM}|ALT1") == [["ALT1", "1743-4"]] * 3


async def test_an_old_message_sent_again_undoes_nothing(exchange: Exchange) -> None:
    await exchange.send(result("4", "AST1^谷草转氨酶^L"))
    await exchange.process()
    await decide(exchange, "AST1", "1920-8")
    # The same content under another control number is another message.
    await exchange.send(result("4", "AST1^谷草转氨酶^L", control="again"))
    await exchange.process()
    assert await codes_by(exchange, f"{SYSTEM}|AST1") == [["AST1", "1920-8"]]


async def test_a_decision_taken_back_takes_its_code_away(exchange: Exchange) -> None:
    await exchange.send(result("5", "TB1^总胆红素^L"))
    await exchange.process()
    await decide(exchange, "TB1", "1975-2")
    async with exchange.store.pool.acquire() as connection, connection.transaction():
        await unmap_code(
            exchange.store,
            connection,
            source="haibin",
            organisation="MKHAIBIN",
            local=Coding(SYSTEM, "TB1"),
            by="信息中心",
            at=datetime.now(UTC),
        )
    while await recode_some(exchange.store):
        pass
    assert await codes_by(exchange, f"{SYSTEM}|TB1") == [["TB1"]]
    assert (await waiting(exchange))["TB1"] == 1


async def test_codes_told_with_the_source_stand_as_before(exchange: Exchange) -> None:
    await exchange.send(result("6", "GLU^葡萄糖^L"))
    await exchange.process()
    assert await codes_by(exchange, f"{SYSTEM}|GLU") == [["2345-7", "GLU"]]
