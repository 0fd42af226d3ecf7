"""Searching residents as IHE PDQm (ITI-78) does: its parameters, combinations and modifiers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.store import Change, Store, write
from tests.api.asked import ids, patient

ONE, TWO = "urn:example:pdq:one", "urn:example:pdq:two"


def registered(resource_id: str, given: str, born: str, **more: Any) -> Change:
    made = patient(
        resource_id,
        active=True,
        identifier=[{"system": ONE, "value": resource_id}],
        name=[{"text": f"慕容{given}", "family": "慕容", "given": [given]}],
        gender="male",
        birthDate=born,
        telecom=[{"system": "phone", "value": f"139{born[:4]}{born[5:7]}{born[8:]}"}],
        address=[
            {"text": "海州市港湾路9号", "city": "海州市", "state": "云省", "postalCode": "264200"}
        ],
    )
    return Change({**made, **more}, "MK1")


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def residents(store: Store) -> AsyncIterator[None]:
    both = [{"system": ONE, "value": "fu"}, {"system": TWO, "value": "F2"}]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(
            store,
            connection,
            [
                registered("fu", "复", "1970-05-01", identifier=both),
                registered("bo", "博", "1940-05-02"),
                registered("yan", "嫣", "1990-05-03", gender="female", active=False),
            ],
        )
    yield


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("_id=fu", {"fu"}),
        ("active=true", {"fu", "bo"}),
        ("family=慕容", {"fu", "bo", "yan"}),
        ("given=复", {"fu"}),
        ("family=慕容&given=博", {"bo"}),
        ("family=慕容&gender=female", {"yan"}),
        ("birthdate=1970-05-01&family=慕容", {"fu"}),
        ("birthdate=ge1980&family=慕容", {"yan"}),
        (f"identifier={ONE}|bo", {"bo"}),
        (f"family=慕容&identifier={TWO}|", {"fu"}),
        (f"identifier={ONE}|bo,{TWO}|F2", {"fu", "bo"}),
        ("telecom=13919700501", {"fu"}),
        ("address=海州市港湾路9号&given=复", {"fu"}),
        ("address-city=海州市&given=复", {"fu"}),
        ("address-postalcode=264200&given=复", {"fu"}),
        ("address-state=云省&given=复", {"fu"}),
        ("family:exact=慕容&given:exact=复", {"fu"}),
        ("family:exact=慕", set()),
    ],
)
async def test_each_parameter_of_the_profile(
    system: AsyncClient, query: str, expected: set[str]
) -> None:
    answer = await system.get(f"Patient?{query}&_total=accurate")
    assert set(ids(answer)) == expected
    assert answer.json()["total"] == len(expected)


async def test_who_replaces_whom_can_be_asked(system: AsyncClient) -> None:
    link = [{"other": {"reference": "Patient/fu"}, "type": "replaced-by"}]
    merged = {**patient("fu-old", active=False), "link": link}
    assert (await system.put("Patient/fu-old", json=merged)).status_code == 201
    assert ids(await system.get("Patient?link=Patient/fu")) == ["fu-old"]
    answer = await system.get("Patient?_id=fu-old&_include=Patient:link")
    assert (ids(answer), ids(answer, "include")) == (["fu-old"], ["fu"])
