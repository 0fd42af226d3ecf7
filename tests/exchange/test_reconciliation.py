"""A source's own figures against what is held: proven, different, or not proven at all."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.quality import follow
from minkang.exchange.reconciliation import (
    KINDS,
    Comparison,
    Reported,
    ask_again,
    differences,
    keep_counts,
    open_requests,
    read_counts,
    settle,
    take_requests,
)
from minkang.exchange.reconciliation.holdings import holdings
from minkang.fhir import Refused, encode
from tests.exchange.conftest import Exchange
from tests.exchange.messages import PID, adt, oru

DAY = date(2026, 5, 1)


def pid(number: str) -> str:
    return PID.replace("P001", number)


async def compared(exchange: Exchange) -> None:
    await exchange.process()
    while await follow(exchange.store, exchange.keys):
        pass
    async with exchange.store.pool.acquire() as connection:
        while await settle(connection):
            pass


async def standing(exchange: Exchange, kind: str = "visits", day: date = DAY) -> Comparison | None:
    async with exchange.store.pool.acquire() as connection:
        found = await differences(connection, "haibin", day)
    return next((one.total for one in found if one.total.kind == kind), None)


async def tell(exchange: Exchange, *lines: Reported) -> list[Comparison]:
    async with exchange.store.pool.acquire() as connection:
        return await keep_counts(connection, "haibin", lines)


async def send_visit(exchange: Exchange, number: str, *, day: date = DAY) -> None:
    await exchange.send(
        adt(pid=pid(f"P{number}"), visit=number, control=number, at=f"{day:%Y%m%d}080000")
    )


async def test_a_day_is_unproven_until_its_source_tells_the_same(exchange: Exchange) -> None:
    for number in ("RA1", "RA2"):
        await send_visit(exchange, number)
    await compared(exchange)
    held = await standing(exchange)
    assert held is not None
    assert (held.state, held.held, held.reported) == ("unproven", 2, None)
    (told,) = await tell(exchange, Reported(DAY, "visits", "", 2))
    assert told.state == "proven"
    await tell(exchange, Reported(DAY, "visits", "", 3))
    assert (await standing(exchange)).state == "differs"  # type: ignore[union-attr]


async def test_missing_and_surplus_are_named_by_the_sources_own_numbers(
    exchange: Exchange,
) -> None:
    day = date(2026, 5, 10)
    for number in ("RB1", "RB2"):
        await send_visit(exchange, number, day=day)
    await send_visit(exchange, "RB3", day=date(2026, 5, 11))
    await compared(exchange)
    await tell(exchange, Reported(day, "visits", "", 3, items=("RB1", "RB3", "RB4")))
    async with exchange.store.pool.acquire() as connection:
        (found,) = await differences(connection, "haibin", day)
    assert found.total.state == "differs"
    assert found.missing == ("RB4",)
    assert found.elsewhere == (("RB3", date(2026, 5, 11)),)
    assert found.surplus == ("RB2",)


async def test_the_same_count_of_other_items_is_not_proven(exchange: Exchange) -> None:
    day = date(2026, 5, 12)
    await send_visit(exchange, "RC1", day=day)
    await compared(exchange)
    (told,) = await tell(exchange, Reported(day, "visits", "", 1, items=("RC9",)))
    assert (told.state, told.missing, told.surplus) == ("differs", 1, 1)


async def test_departments_are_compared_where_the_source_tells_of_them(
    exchange: Exchange,
) -> None:
    """A report that says no department counts for that of its visit."""
    day = date(2026, 5, 2)
    await send_visit(exchange, "RD1", day=day)
    raw = oru(pid=pid("PRD1"), report="LRD1", control="rd1").replace(b"V001", b"RD1")
    await exchange.send(raw)
    await compared(exchange)
    right = Reported(day, "reports", "心内科", 1)
    assert [one.state for one in await tell(exchange, right)] == ["proven"]
    wrong = Reported(day, "reports", "骨科", 1)
    assert [one.state for one in await tell(exchange, wrong)] == ["differs"]
    async with exchange.store.pool.acquire() as connection:
        found = {one.total.kind: one for one in await differences(connection, "haibin", day)}
    rows = {one.name: (one.reported, one.held) for one in found["reports"].departments}
    assert rows == {"心内科": (None, 1), "骨科": (1, 0)}


async def test_a_request_for_resending_closes_when_everything_has_come(
    exchange: Exchange,
) -> None:
    day = date(2026, 5, 13)
    await send_visit(exchange, "RE1", day=day)
    await compared(exchange)
    lines = (Reported(day, "visits", "", 2, items=("RE1", "RE2")),)
    await tell(exchange, *lines)
    async with exchange.store.pool.acquire() as connection:
        assert await ask_again(connection, "haibin", day, "visits", by="林晓明") is not None
        (taken,) = await take_requests(connection, "haibin")
        assert (taken.numbers, taken.state) == (("RE2",), "answered")
    await send_visit(exchange, "RE2", day=day)
    await compared(exchange)
    async with exchange.store.pool.acquire() as connection:
        assert await open_requests(connection, "haibin") == []
        (closed,) = await open_requests(connection, "haibin", day)
        assert closed.state == "closed"
        assert await ask_again(connection, "haibin", day, "visits", by="林晓明") is None
    assert (await standing(exchange, day=day)).state == "proven"  # type: ignore[union-attr]


async def test_a_stay_counts_when_it_begins_and_when_it_ends(exchange: Exchange) -> None:
    raw = adt(pid=pid("RF1"), event="A01", visit="RF1", control="rf1", at="20260520080000")
    await exchange.send(raw.replace(b"PV1|1|O|", b"PV1|1|I|"))
    await compared(exchange)
    assert (await standing(exchange, "admissions", date(2026, 5, 20))) is not None
    end = adt(pid=pid("RF1"), event="A03", visit="RF1", control="rf2", at="20260520080000")
    end = end.replace(b"PV1|1|O|", b"PV1|1|I|").replace(
        b"|20260520080000|\r", b"|20260520080000|20260525100000\r"
    )
    await exchange.send(end.replace(b"|20260520080000+0800||ADT", b"|20260525100500+0800||ADT"))
    await compared(exchange)
    discharge = await standing(exchange, "discharges", date(2026, 5, 25))
    assert discharge is not None
    assert discharge.held == 1


def test_fees_are_added_up_from_the_lines_that_stand_by_themselves() -> None:
    from datetime import UTC, datetime

    def line(amount: str, kind: str = "base") -> dict[str, object]:
        return {"priceComponent": [{"type": kind, "amount": {"value": Decimal(amount)}}]}

    invoice = {
        "resourceType": "Invoice",
        "id": "1",
        "date": "2026-05-01",
        "identifier": [{"system": "urn:minkang:source:haibin:fee", "value": "F1"}],
        "lineItem": [line("10.50"), line("3.00", "informational"), line("2.25")],
    }
    (found,) = holdings(invoice, datetime(2026, 6, 1, tzinfo=UTC))
    assert (found.kind, found.number, found.amount) == ("fees", "F1", Decimal("12.75"))


def test_figures_come_as_json_or_as_a_table() -> None:
    line = {"day": "2026-11-21", "type": "fees", "department": "内科", "count": 2, "sum": 12.50}
    expected = [Reported(date(2026, 11, 21), "fees", "内科", 2, Decimal("12.50"), ("A", "B"))]
    assert read_counts(encode({"counts": [{**line, "items": ["A", "B"]}]}), "") == expected
    assert read_counts(encode([{**line, "items": ["A", "B"]}]), "application/json") == expected
    table = "日期,类型,科室,数量,金额,编号\n2026-11-21,费用,内科,2,12.50,A;B\n"
    for raw in (table.encode(), table.encode("utf-8-sig"), table.encode("gb18030")):
        assert read_counts(raw, "text/csv") == expected


@pytest.mark.parametrize(
    ("raw", "place", "rule"),
    [
        (b"[{]", "-", "counts-form"),
        (b'{"days":[]}', "counts", "counts-form"),
        (b'[{"day":"2026-02-30","type":"visits","count":1}]', "counts[0].day", "counts-day"),
        (b'[{"day":"2026-02-28","type":"beds","count":1}]', "counts[0].type", "counts-type"),
        (b'[{"day":"2026-02-28","type":"visits","count":-1}]', "counts[0].count", "counts-number"),
        (b"day,type,count\n20260228,visits,x\n", "第 2 行.count", "counts-number"),
        (b"day,type,count,what\n20260228,visits,1,2\n", "第 2 行.what", "counts-column"),
        (b"day,type,count,items\n20260228,visits,2,A\n", "第 2 行.items", "counts-items"),
        (b"day,type,count\n20260228,visits,1\n20260228,visits,2\n", "第 3 行.type", "counts-twice"),
        (b"day,type,count,sum\n20260228,fees,1,much\n", "第 2 行.sum", "counts-sum"),
    ],
)
def test_what_is_wrong_with_figures_is_told_with_its_place(
    raw: bytes, place: str, rule: str
) -> None:
    with pytest.raises(Refused) as refusal:
        read_counts(raw, "")
    assert [(p.place, p.rule) for p in refusal.value.problems] == [(place, rule)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_anything_else_is_refused_and_nothing_worse(raw: bytes) -> None:
    try:
        found = read_counts(raw, "")
    except Refused:
        return
    assert all(one.kind in KINDS for one in found)
