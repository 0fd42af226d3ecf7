"""From the inbox into the store: once, in any order, or aside with the reason."""

import asyncio
import itertools
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from minkang.exchange import process_waiting, replay, replay_rule
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.mappings import Context, map_message
from minkang.fhir import Problem
from minkang.store import Grade, Query, Scope, Stored, search
from minkang.store.vault import about_message
from tests.exchange.conftest import HAIBIN, Exchange
from tests.exchange.messages import PID, adt, oru


def pid(number: str, name: str = "欧阳小明") -> str:
    return PID.replace("P001", number).replace("欧阳小明", name)


async def found(exchange: Exchange, number: str, *types: str) -> list[Stored]:
    of = exchange.store.terms
    term = of.identifier("Patient", "identifier", "urn:minkang:source:haibin:patient", number)
    patients = await search(
        exchange.store, Scope.whole(), Query(types=("Patient",), terms=((term,),))
    )
    ids = tuple(match.id for match in patients.matches)
    page = await search(exchange.store, Scope.whole(), Query(types=types, patients=ids))
    return list(page.matches)


async def test_a_result_reaches_the_store_with_its_way_back(exchange: Exchange) -> None:
    (kept,) = await exchange.send(oru(pid=pid("A1"), report="LA1", control="a1"))
    assert (kept.state, kept.repeated) == ("waiting", False)
    await exchange.process()
    assert await exchange.state(kept.id) == "stored"
    (observation,) = await found(exchange, "A1", "Observation")
    made = await exchange.store.pool.fetch(
        "select message from exchange.made where id = $1", observation.id
    )
    assert [row["message"] for row in made] == [kept.id]
    assert observation.source == "MKHAIBIN"


async def test_the_same_message_twice_changes_nothing(exchange: Exchange) -> None:
    raw = adt(pid=pid("B1"), visit="VB1", control="b1")
    first, second = await exchange.send(raw, raw)
    assert (second.id, second.repeated) == (first.id, True)
    await exchange.process()
    (third,) = await exchange.send(raw)
    assert (third.id, third.state) == (first.id, "stored")
    await exchange.process()
    versions = [one.version for one in await found(exchange, "B1", "Patient", "Encounter")]
    assert versions == [1, 1]


async def test_every_order_of_arrival_ends_in_the_same_state(exchange: Exchange) -> None:
    ends = []
    for turn, order in enumerate(itertools.permutations(range(3))):
        number, visit = f"C{turn}", f"VC{turn}"
        messages = [
            adt(pid=pid(number), visit=visit, control=f"c{turn}1", at="20260501080000"),
            adt(
                pid=pid(number).replace("港湾路1号", "新址2号"),
                visit=visit,
                event="A08",
                control=f"c{turn}2",
                at="20260502080000",
            ),
            adt(
                pid=pid(number).replace("13800000001", '""').replace("港湾路1号", ""),
                visit=visit,
                event="A08",
                control=f"c{turn}3",
                at="20260503080000",
            ),
        ]
        for index in order:
            await exchange.send(messages[index])
            await exchange.process()
        (patient,) = await found(exchange, number, "Patient")
        resource = patient.resource
        ends.append({k: v for k, v in resource.items() if k not in ("id", "meta", "identifier")})
    assert all(end == ends[0] for end in ends)
    assert ends[0]["address"][0]["text"] == "新址2号"
    assert "telecom" not in ends[0]


async def test_a_corrected_result_that_overtakes_the_first_stands(exchange: Exchange) -> None:
    later = oru(pid=pid("D1"), report="LD", value="7.1", status="C", at="20260503090000")
    first = oru(pid=pid("D1"), report="LD", value="9.9")
    for raw in (later, first):
        await exchange.send(raw)
        await exchange.process()
    (observation,) = await found(exchange, "D1", "Observation")
    assert observation.resource["valueQuantity"]["value"] == Decimal("7.1")
    assert observation.resource["status"] == "corrected"


async def test_a_number_of_another_patient_is_put_aside(exchange: Exchange) -> None:
    await exchange.send(oru(pid=pid("E1"), report="LE", control="e1"))
    await exchange.process()
    (kept,) = await exchange.send(oru(pid=pid("E2"), report="LE", control="e2"))
    await exchange.process()
    assert await exchange.state(kept.id) == "quarantined"
    assert [rule for _, rule in await exchange.rules(kept.id)] == ["other-patient"]
    assert await found(exchange, "E2", "Patient") == []


async def test_what_is_put_aside_is_replayed_after_it_was_mended(exchange: Exchange) -> None:
    (kept,) = await exchange.send(oru(pid=pid("F1"), report="LF", value="阳性"))
    assert await exchange.state(kept.id) == "quarantined"
    assert await exchange.rules(kept.id) == [("OBX-5", "number")]
    pool = exchange.store.pool
    async with pool.acquire() as connection:
        assert await replay(connection, [kept.id]) == [kept.id]
        await exchange.process()
        assert await exchange.state(kept.id) == "quarantined"
        assert await exchange.rules(kept.id) == [("OBX-5", "number")]
        # Nobody can mend a mapping inside a test, so the message is what is mended.
        content_hash = await connection.fetchval(
            "select hash from exchange.message where id = $1", kept.id
        )
        body = exchange.store.codec.pack(
            oru(pid=pid("F1"), report="LF", value="5.0"), about_message(content_hash)
        )
        await connection.execute(
            "update exchange.message set body = $2 where id = $1", kept.id, body
        )
        assert kept.id in await replay_rule(connection, "number")
    await exchange.process()
    assert await exchange.state(kept.id) == "stored"
    assert await exchange.rules(kept.id) == []


async def test_workers_side_by_side_do_everything_once(exchange: Exchange) -> None:
    messages = [
        oru(pid=pid(f"G{n % 5}"), report=f"LG{n}", control=f"g{n}", value=f"{n}.0")
        for n in range(60)
    ]
    kept = await exchange.send(*messages)

    async def worker() -> None:
        while (await process_waiting(exchange.store, exchange.keys, limit=7)).messages:
            pass

    await asyncio.gather(*(worker() for _ in range(4)))
    await exchange.process()
    assert {await exchange.state(one.id) for one in kept} == {"stored"}
    results = [r for n in range(5) for r in await found(exchange, f"G{n}", "Observation")]
    assert len(results) == 60
    assert {one.version for one in results} == {1}


async def test_a_message_that_breaks_the_program_does_not_stop_the_others(
    exchange: Exchange,
) -> None:
    broken, fine = await exchange.send(
        oru(pid=pid("H1"), report="LH1"), oru(pid=pid("H2"), report="LH2")
    )
    await exchange.store.pool.execute(
        "update exchange.message set body = '\\x07'::bytea where id = $1", broken.id
    )
    for _ in range(12):
        await process_waiting(exchange.store, exchange.keys)
    assert await exchange.state(fine.id) == "stored"
    assert await exchange.state(broken.id) == "quarantined"
    assert [rule for _, rule in await exchange.rules(broken.id)] == ["internal-error"]


async def test_a_sender_nobody_knows_is_kept_and_told(exchange: Exchange) -> None:
    (kept,) = await exchange.send(adt(sender="stranger"))
    assert kept.state == "quarantined"
    assert await exchange.rules(kept.id) == [("MSH-3", "unknown-sender")]
    row = await exchange.store.pool.fetchrow(
        "select hash, body from exchange.message where id = $1", kept.id
    )
    assert row is not None
    raw = exchange.store.codec.unpack(row["body"], about_message(row["hash"]))
    assert raw == adt(sender="stranger")


async def test_what_came_in_part_is_never_replayed_into_the_record(exchange: Exchange) -> None:
    whole = oru(pid=pid("K1"), report="LK1", control="k1")
    seen = look_at_hl7v2(exchange.sources, exchange.keys.id_key, whole)
    problem = Problem("frame", "MLLP", "truncated", "")
    part = msgspec.structs.replace(seen.arrival, problems=(problem,))
    kept = await exchange.inbox.keep(part)
    async with exchange.store.pool.acquire() as connection:
        assert await replay(connection, [kept.id]) == []
    assert await exchange.state(kept.id) == "quarantined"


async def test_a_wrong_facility_stays_wrong_when_replayed(exchange: Exchange) -> None:
    raw = adt(pid=pid("K2"), visit="VK2").replace(b"|MKHAIBIN|", b"|MKOTHER|")
    (kept,) = await exchange.send(raw)
    assert await exchange.rules(kept.id) == [("MSH-4", "wrong-facility")]
    async with exchange.store.pool.acquire() as connection:
        assert await replay(connection, [kept.id]) == [kept.id]
    await exchange.process()
    assert await exchange.rules(kept.id) == [("MSH-4", "wrong-facility")]


async def test_a_visit_is_as_sensitive_as_its_diagnosis(exchange: Exchange) -> None:
    raw = adt(
        pid=pid("K3"),
        visit="VK3",
        diagnosis="DG1|1||F20.9^未特指的精神分裂症^ICD-10||20260501080000",
    )
    await exchange.send(raw)
    await exchange.process()
    graded = {one.type: one.grade for one in await found(exchange, "K3", "Encounter", "Condition")}
    assert graded == {"Encounter": Grade.SENSITIVE, "Condition": Grade.SENSITIVE}


async def test_a_report_finds_its_visit_where_numbers_begin_anew_each_year() -> None:
    source = msgspec.structs.replace(HAIBIN, number_period="year")
    context = Context(source, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)
    visit = adt(at="20251231230000", visit="V7")
    report = oru(at="20260101090000").replace(b"V001", b"V7" + b"|" * 25 + b"20251231230000")
    encounter = {c.key for c in map_message(context, "mllp", visit) if c.key[0] == "Encounter"}
    references = {
        c.resource["encounter"]["reference"]
        for c in map_message(context, "mllp", report)
        if "encounter" in c.resource
    }
    assert references == {f"Encounter/{resource_id}" for _, resource_id in encounter}
    later = adt(at="20261231230000", visit="V7")
    assert encounter != {
        c.key for c in map_message(context, "mllp", later) if c.key[0] == "Encounter"
    }
