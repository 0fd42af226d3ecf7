"""HL7 v2 messages from the inbox into the store: what has no mapping, merges, cancellations."""

from itertools import permutations

import pytest

from minkang.exchange import log, replay_rule
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.fhir import Resource
from minkang.store import Scope, read
from tests.exchange.conftest import Exchange
from tests.exchange.hl7v2_mapped import segment


def message(kind: str, control: str, *segments: str, at: str = "20260501080000") -> bytes:
    head = f"MSH|^~\\&|haibin|MKHAIBIN|||{at}+0800||{kind}|{control}|P|2.4||||||UNICODE UTF-8"
    return "\r".join([head, f"EVN||{at}", *segments, ""]).encode()


def pid(number: str) -> str:
    return segment("PID", f3=f"{number}^^^haibin^PI", f5="欧阳^小明")


def pv1(number: str) -> str:
    return segment("PV1", f2="I", f19=number)


async def test_a_message_without_mapping_is_taken_in_and_found_by_its_patient(
    exchange: Exchange,
) -> None:
    kinds = ("BAR^P01", "ADT^A29", "ZZZ^Z01")
    kept = await exchange.send(
        *(message(kind, f"un{n}", pid("UN1")) for n, kind in enumerate(kinds)),
        message("MFN^M02", "un9"),
    )
    await exchange.process()
    assert [await exchange.state(one.id) for one in kept] == ["stored"] * 4
    assert {tuple(await exchange.rules(one.id)) for one in kept} == {(("MSH-9", "no-mapping"),)}
    async with exchange.store.pool.acquire() as connection:
        found = await log.detail(exchange.store, connection, kept[0].id)
        assert found is not None
        (made,) = found.made
        about = await log.messages(connection, log.Sought(resources=((made.type, made.id),)))
        shown = await log.messages(connection, log.Sought(rule="no-mapping"))
        assert await replay_rule(connection, "no-mapping") == []
    assert made.type == "Patient"
    assert {one.id for one in about} == {one.id for one in kept[:3]}
    assert {one.id for one in kept} <= {one.id for one in shown}


async def test_a_mapped_message_has_no_note(exchange: Exchange) -> None:
    (kept,) = await exchange.send(message("ADT^A28", "mapped", pid("UN2")))
    await exchange.process()
    assert await exchange.rules(kept.id) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_visit_goes_on_under_the_number_that_survives_whichever_comes_first(
    exchange: Exchange, order: tuple[int, ...]
) -> None:
    mark = "".join(map(str, order))
    messages = [
        message("ADT^A01", f"m0{mark}", pid(f"OLD{mark}"), pv1(f"VM{mark}"), at="20260501080000"),
        message(
            "ADT^A40",
            f"m1{mark}",
            pid(f"NEW{mark}"),
            segment("MRG", f1=f"OLD{mark}"),
            at="20260501090000",
        ),
        message("ADT^A03", f"m2{mark}", pid(f"NEW{mark}"), pv1(f"VM{mark}"), at="20260501100000"),
    ]
    kept = []
    for place in order:
        kept += await exchange.send(messages[place])
        await exchange.process()
    assert [await exchange.state(one.id) for one in kept] == ["stored"] * 3
    found = await made(exchange, kept[order.index(2)].id)
    assert found["Encounter"]["status"] == "finished"
    assert found["Encounter"]["subject"]["reference"] == f"Patient/{found['Patient']['id']}"


async def made(exchange: Exchange, message_id: int) -> dict[str, Resource]:
    """The resources that a message made, as they are now, by type."""
    async with exchange.store.pool.acquire() as connection:
        found = await log.detail(exchange.store, connection, message_id)
    assert found is not None
    stored = [await read(exchange.store, Scope.whole(), one.type, one.id) for one in found.made]
    return {one.type: one.resource for one in stored if one is not None}


async def test_a_visit_of_somebody_else_is_still_put_aside(exchange: Exchange) -> None:
    first, second, merge = await exchange.send(
        message("ADT^A01", "oth0", pid("OTH1"), pv1("VOTH")),
        message("ADT^A01", "oth1", pid("OTH2"), pv1("VOTH"), at="20260501090000"),
        message("ADT^A40", "oth2", pid("OTH3"), segment("MRG", f1="OTH4")),
    )
    await exchange.process()
    assert [await exchange.state(one.id) for one in (first, second, merge)] == [
        "stored",
        "quarantined",
        "stored",
    ]
    (rule,) = await exchange.rules(second.id)
    assert rule[1] == "other-patient"


async def test_a_cancellation_that_comes_first_leaves_a_tombstone(exchange: Exchange) -> None:
    cancel = message("ADT^A11", "can1", pid("CAN1"), pv1("VCAN"), at="20260501090000")
    admit = message("ADT^A01", "can0", pid("CAN1"), pv1("VCAN"), at="20260501080000")
    (first,) = await exchange.send(cancel)
    await exchange.process()
    assert (await made(exchange, first.id))["Encounter"]["status"] == "cancelled"
    (second,) = await exchange.send(admit)
    await exchange.process()
    assert (await made(exchange, second.id))["Encounter"]["status"] == "cancelled"


async def test_a_file_loaded_in_the_name_of_a_source_needs_no_header_of_it(
    exchange: Exchange,
) -> None:
    raw = message("ADT^A28", "vouched", pid("VOU1")).replace(b"|haibin|MKHAIBIN|", b"|HIS|X1|")
    unknown = look_at_hl7v2(exchange.sources, exchange.keys.id_key, raw)
    assert [one.rule for one in unknown.arrival.problems] == ["unknown-sender"]
    vouched = exchange.sources["haibin"]
    seen = look_at_hl7v2(exchange.sources, exchange.keys.id_key, raw, vouched)
    assert (seen.arrival.source, seen.arrival.problems) == ("haibin", ())
    kept = await exchange.inbox.keep(seen.arrival)
    await exchange.process()
    assert await exchange.state(kept.id) == "stored"
