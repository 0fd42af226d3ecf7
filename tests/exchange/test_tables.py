"""Rows of a front-end table, by a YAML mapping."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from minkang.exchange import save_source
from minkang.exchange.channels.door import look_at
from minkang.exchange.channels.front_end import poll_table
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import MappingError, encode_row, load_mapping
from minkang.exchange.sources import sources
from minkang.exchange.stored_mappings import store_mapping
from minkang.fhir import TYPE_NAMES, Refused
from tests.exchange.conftest import YUNXI, Exchange

CONTEXT = Context(YUNXI, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)


def row(**more: Any) -> dict[str, Any]:
    return {
        "visit_no": "V1",
        "patient_no": "N1",
        "name": "单雄信",
        "id_number": "371098196001010011",
        "sex": "男",
        "birth_date": "1960-01-01",
        "phone": "13800000002",
        "visit_time": "2026-05-01 09:30:00",
        "department": "全科",
        "doctor": "李村医",
        "diagnosis_code": "I10",
        "diagnosis_name": "原发性高血压",
        "chief_complaint": "头晕三天",
        "sbp": "152",
        "dbp": "94",
        "glucose": "6.80",
        "updated_at": "2026-05-01 09:40:00",
        **more,
    }


def mapped(**more: Any) -> dict[str, Any]:
    found = map_message(CONTEXT, "table", encode_row(row(**more)))
    return {
        contribution.resource.get("code", {}).get("text", contribution.key[0]): contribution
        for contribution in found
    }


def test_a_row_becomes_patient_visit_diagnosis_and_measurements() -> None:
    found = mapped()
    assert set(found) == {"Patient", "Encounter", "原发性高血压", "血压", "空腹血糖"}
    pressure = found["血压"].resource
    assert [part["valueQuantity"]["value"] for part in pressure["component"]] == [152, 94]
    assert found["空腹血糖"].resource["valueQuantity"]["value"] == Decimal("6.80")
    patient = found["Patient"].resource
    assert pressure["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert patient["managingOrganization"]["reference"] == "Organization/MKYUNXI"


def test_a_null_column_erases_and_prunes() -> None:
    found = mapped(phone=None, glucose="", id_number=None)
    assert found["Patient"].erased == {"identifier|urn:oid:2.16.156.10011.1.3", "telecom"}
    assert len(found["Patient"].resource["identifier"]) == 1
    assert "空腹血糖" not in found


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("sbp", "abc", "number"),
        ("birth_date", "1960-02-30", "calendar-date"),
        ("visit_time", "昨天", "calendar-date"),
        ("sex", "M", "code"),
        ("name", None, "required"),
        ("updated_at", None, "required"),
    ],
)
def test_what_does_not_fit_is_named_by_row_and_column(
    column: str, value: str | None, rule: str
) -> None:
    with pytest.raises(Refused) as refusal:
        mapped(**{column: value})
    assert (f"行 visit_no=V1，列 {column}", rule) in {
        (problem.place, problem.rule) for problem in refusal.value.problems
    }


def test_a_missing_column_is_named() -> None:
    short = row()
    del short["sex"]
    with pytest.raises(Refused, match="no-column"):
        map_message(CONTEXT, "table", encode_row(short))


_GOOD = """\
table: t
row: a
changed: b
resources:
  - type: Patient
    number: "{a}"
    set:
      birthDate: {column: c, as: date}
"""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("type: Patient", "type: Patent"), "m.yaml:5: type: 'Patent' is not a FHIR"),
        (("as: date", "as: day"), "m.yaml:8: as: 'day' is none of"),
        (("row: a\n", ""), "m.yaml:1: row: is missing"),
        (("    number", "    numbr"), "m.yaml:5: number: is missing"),
        (('"{a}"', '"a"'), "m.yaml:5: number: names no {column}"),
        (("{column: c, as: date}", "{reference: Encounter}"), "m.yaml:8: reference: no Encounter"),
        (("row: a", "row: a\nrow: b"), "a key stands twice"),
        (("table: t", "table: [t"), "m.yaml:"),
    ],
)
def test_a_wrong_mapping_is_refused_with_line_and_field(
    change: tuple[str, str], error: str
) -> None:
    load_mapping(Path("m.yaml"), _GOOD)
    with pytest.raises(MappingError) as refusal:
        load_mapping(Path("m.yaml"), _GOOD.replace(*change))
    assert error in str(refusal.value)


async def test_a_table_is_polled_by_change_and_goes_on_where_it_stopped(
    exchange: Exchange, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    columns = ", ".join(
        f"{name} {'timestamptz' if name == 'updated_at' else 'text'}" for name in row()
    )
    await connection.execute(f"create table front_visits ({columns})")

    async def put(**more: Any) -> None:
        values = row(**more)
        names = ", ".join(values)
        marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        await connection.execute(
            f"insert into front_visits ({names}) values ({marks})", *values.values()
        )

    start = datetime(2026, 5, 1, 10, tzinfo=UTC)
    for number in range(3):
        await put(visit_no=f"T{number}", updated_at=start + timedelta(minutes=number))
    source = msgspec.structs.replace(YUNXI, table_name="front_visits", database_url=database_url)

    async def poll() -> int:
        return await poll_table(exchange.store, exchange.inbox, source, exchange.keys.id_key)

    assert await poll() == 3
    await exchange.process()
    assert await poll() == 0
    await put(visit_no="T9", updated_at=start + timedelta(minutes=2))
    await connection.execute(
        "update front_visits set sbp = '139', updated_at = $1 where visit_no = 'T0'",
        start + timedelta(hours=1),
    )
    assert await poll() == 2
    await exchange.process()
    kinds = await connection.fetch(
        """select made.kind, m.state from exchange.message m
           left join exchange.made made on made.message = m.id
           where m.control_id = 'T0' order by m.id"""
    )
    assert {row["state"] for row in kinds} == {"stored"}
    assert "updated" in {row["kind"] for row in kinds}
    await connection.close()


async def test_a_row_without_a_change_time_is_put_aside_and_stops_nothing(
    exchange: Exchange, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    names = ", ".join(f"{name} text" for name in row())
    await connection.execute(f"create table odd_visits ({names})")
    for number, changed in enumerate((None, "昨天", "2026-05-01 09:40:00")):
        values = row(visit_no=f"U{number}", updated_at=changed)
        marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        await connection.execute(f"insert into odd_visits values ({marks})", *values.values())
    await exchange.store.pool.execute("delete from exchange.cursor where source = 'yunxi'")
    source = msgspec.structs.replace(YUNXI, table_name="odd_visits", database_url=database_url)
    assert await poll_table(exchange.store, exchange.inbox, source, exchange.keys.id_key) == 3
    await exchange.process()
    states = await connection.fetch(
        "select control_id, state from exchange.message where control_id like 'U_' order by 1"
    )
    assert [row["state"] for row in states] == ["quarantined", "quarantined", "stored"]
    assert await poll_table(exchange.store, exchange.inbox, source, exchange.keys.id_key) == 0
    await connection.close()


async def test_a_table_name_that_is_none_is_refused(exchange: Exchange, database_url: str) -> None:
    source = msgspec.structs.replace(YUNXI, table_name="x; drop table y", database_url=database_url)
    with pytest.raises(ValueError, match="is not a table name"):
        await poll_table(exchange.store, exchange.inbox, source, exchange.keys.id_key)


_MARKED = """\
table: t
row: visit_no
changed: updated_at
deleted: {column: phone, values: [gone]}
resources:
  - {type: Patient, number: "{patient_no}", set: {name: [{text: {column: name}}]}}
  - type: Encounter
    number: "{visit_no}"
    set: {status: finished, subject: {reference: Patient}, serviceType: {text: {column: doctor}}}
"""


async def test_a_row_marked_as_deleted_stays_gone_until_a_later_one_comes(
    exchange: Exchange,
) -> None:
    source = msgspec.structs.replace(YUNXI, id="marked", organisation="MKMARKED")
    async with exchange.store.pool.acquire() as connection:
        await save_source(connection, source)
        await store_mapping(connection, source.id, "own", _MARKED, "test")
        source = (await sources(connection))[source.id]

    async def send(day: int, **more: Any) -> list[tuple[str, bool, Any]]:
        raw = encode_row(row(updated_at=f"2026-05-{day:02} 10:00:00", **more))
        seen = look_at(source, exchange.keys.id_key, "table", ("table:t", "V1"), raw)
        assert seen.arrival.problems == ()
        kept = await exchange.inbox.keep(seen.arrival)
        await exchange.process()
        rows = await exchange.store.pool.fetch(
            """select r.type, r.deleted, r.version from exchange.made d
               join store.resource r using (type, id) where d.message = $1 order by r.type""",
            kept.id,
        )
        return [(TYPE_NAMES[one["type"]], one["deleted"], one["version"]) for one in rows]

    assert await send(5, phone="gone") == [("Encounter", True, 1)]
    assert await send(4) == [("Encounter", True, 1), ("Patient", False, 1)]
    assert await send(6, doctor=None) == [("Encounter", False, 2), ("Patient", False, 1)]
    assert await send(7, phone="gone", patient_no="N2") == [("Encounter", True, 3)]
    assert await send(8, patient_no="N2") == [("Encounter", False, 4), ("Patient", False, 1)]
