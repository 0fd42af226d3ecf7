"""The list of whom one looks after offers a form only where it would be accepted."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir import reference
from minkang.policy.consent import ConsentChange, change_consents
from minkang.record.due import follow_due
from minkang.store import Change, write
from minkang.web import Web
from tests.web.small_region import Region, Someone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def put(region: Region, institution: str, *several: dict[str, Any]) -> None:
    """Resources of an institution, and what follows from them."""
    store = region.web.store
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, institution) for one in several])
    while await follow_due(store):
        pass


def care(one: Someone) -> dict[str, Any]:
    """Under care for hypertension since long, without a visit since."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": f"{one.patients[0]}-care",
        "status": "active",
        "patient": reference("Patient", one.patients[0]),
        "type": [{"text": "高血压患者健康管理"}],
        "period": {"start": "2020-01-01"},
    }


def contract(one: Someone) -> dict[str, Any]:
    """A family-doctor contract of today's."""
    now = datetime.now(UTC)
    return {
        "resourceType": "Contract",
        "id": f"{one.patients[0]}-contract",
        "status": "executed",
        "subject": [reference("Patient", one.patients[0])],
        "applies": {
            "start": (now - timedelta(days=30)).date().isoformat(),
            "end": (now + timedelta(days=300)).date().isoformat(),
        },
    }


async def agrees(region: Region, one: Someone) -> None:
    """Consent to sharing, without which a code opens nothing."""
    given = [ConsentChange(person=one.person, patients=frozenset(one.patients), kind="give")]
    gate = region.web.gate
    await change_consents(region.web.store, gate.log, given, by=None, now=datetime.now(UTC))


def line(page: str, name: str) -> str:
    """The row of somebody."""
    return str(next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in row))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def region(web: Web) -> Any:
    async with Region(web) as made:
        yield made


async def listed(region: Region, doctor: AsyncClient) -> str:
    answer = await doctor.get("/doctor/residents?shown=later")
    assert answer.status_code == 200
    return str(answer.text)


async def test_a_form_is_offered_by_contract_and_else_after_the_health_code(region: Region) -> None:
    signed = await region.born("安签约", 60)
    kept = await region.born("卞建档", 60)
    await put(region, "MK4", care(signed), care(kept), contract(signed))
    doctor = await region.account("village-list", "village-doctor", "MK4")
    page = await listed(region, doctor)
    form = f"/record/{signed.person}/forms/hypertension-followup"
    assert f'href="{form}"' in line(page, "安签约")
    assert (await doctor.get(form)).status_code == 200
    row = line(page, "卞建档")
    assert "去做" not in row
    assert "先出示健康码" in row
    assert f'href="/record/{kept.person}"' in row
    form = f"/record/{kept.person}/forms/hypertension-followup"
    assert (await doctor.get(form)).status_code == 403
    await agrees(region, kept)
    # With the code the door opens, and the list says so.
    shown = await doctor.post(f"/record/{kept.person}/code", data={"code": kept.code})
    assert shown.status_code == 303
    assert "去做" in line(await listed(region, doctor), "卞建档")
    assert (await doctor.get(form)).status_code == 200
