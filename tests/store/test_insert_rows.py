"""A resource of a small write lies in the tables as one of a large write does."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from minkang.fhir import Resource
from minkang.store import Change, Pool, Scope, Store, insert_rows, read, write
from minkang.store.insert_rows import insert_new

RESOURCES: list[Resource] = [
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7", "display": "葡萄糖"}]},
        "subject": {"reference": "Patient/p1"},
        "performer": [{"reference": "Patient/p2"}, {"reference": "Organization/h1"}],
        "effectivePeriod": {"start": "1951-02-03"},
        "valueQuantity": {
            "value": Decimal("5.60"),
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    },
    {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.16.156.112604", "value": "11010519491231002X"}],
        "name": [{"text": '欧阳"小明"', "family": "欧阳"}],
        "birthDate": "0001-01-01",
    },
    {"resourceType": "Questionnaire", "status": "draft", "title": "{评估}, \\ NULL", "name": "''"},
    {"resourceType": "Basic", "code": {"text": "ordinary"}},
]

TABLES = {
    "resource": "type, id, part, version, deleted, source, grade, patients, marks, present, "
    "indexed, note",
    "further_compartment": "patient, type",
    "term": "hash",
    "span": "hash, low, high",
    "string": "hash, value",
}


async def lying(pool: Pool, resource_id: str) -> dict[str, list[tuple[Any, ...]]]:
    number = "select sequence from store.resource where id = $1"
    found = {
        table: sorted(
            map(
                tuple,
                await pool.fetch(
                    f"select {columns} from store.{table} where sequence = ({number})",
                    resource_id,
                ),
            ),
            key=repr,
        )
        for table, columns in TABLES.items()
    }
    dated = f"select dated from store.further_compartment where sequence = ({number})"
    rows = await pool.fetch(
        f"select dated from store.resource where id = $1 union {dated}", resource_id
    )
    return found | {"dated": [tuple(row) for row in rows]}


async def gone(pool: Pool, resource_id: str) -> None:
    number = "(select sequence from store.resource where id = $1)"
    for table in ("further_compartment", "term", "span", "string"):
        await pool.execute(f"delete from store.{table} where sequence = {number}", resource_id)
    await pool.execute("delete from store.resource where id = $1", resource_id)


@pytest.mark.parametrize("given", RESOURCES, ids=lambda one: str(one["resourceType"]))
async def test_rows_are_those_of_a_large_write(
    store: Store, given: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource_id = str(uuid4())
    change = Change({**given, "id": resource_id}, "h1", note=b"\0\1")
    async with store.pool.acquire() as connection:
        _, outcomes = await insert_new(store, connection, [change])
    alone = await lying(store.pool, resource_id)
    assert [one.kind for one in outcomes] == ["created"]
    stored = await read(store, Scope.whole(), given["resourceType"], resource_id)
    assert stored is not None
    assert stored.body == outcomes[0].body
    await gone(store.pool, resource_id)
    monkeypatch.setattr(insert_rows, "_FEW", -1)
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [change])
    together = await lying(store.pool, resource_id)
    if given["resourceType"] != "Observation":
        # Without a date of its own, the time of the write counts.
        del alone["dated"], together["dated"]
    assert alone == together
    assert alone["resource"]


async def test_several_go_together_or_not_at_all(store: Store) -> None:
    made = [Change({**one, "id": str(uuid4())}, "h1") for one in RESOURCES]
    spoiled = Change({"resourceType": "Basic", "id": str(uuid4())}, "h1\0")
    async with store.pool.acquire() as connection:
        with pytest.raises(Exception, match="0x00"):
            await insert_new(store, connection, [*made, spoiled])
    ids = [change.resource["id"] for change in made]
    count = "select count(*) from store.resource where id = any($1)"
    assert await store.pool.fetchval(count, ids) == 0
    async with store.pool.acquire() as connection:
        await insert_new(store, connection, made)
    assert await store.pool.fetchval(count, ids) == len(made)
