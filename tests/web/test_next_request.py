"""What ended counts no more from the next request on, at the page and at the FHIR base alike.

A withdrawn or narrowed consent: test_consent_pages.py. Tokens of an ended post: tests/api.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from minkang.accounts import Account
from minkang.accounts.account import account_by_login, set_disabled
from minkang.accounts.posts import end_post, posts_of
from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from tests.web.small_region import Region, Someone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def region(web: Web) -> AsyncIterator[Region]:
    async with Region(web) as made:
        yield made


async def doors(client: AsyncClient, who: Someone) -> tuple[int, int, int]:
    """The statuses at the record's page, at reading and at searching the FHIR base."""
    page = await client.get(f"/record/{who.person}")
    read = await client.get(f"/fhir/Patient/{who.patients[0]}")
    found = await client.get(f"/fhir/Observation?patient={who.patients[0]}")
    for answer in (page, read, found):
        assert (who.name in answer.text) <= (answer.status_code == 200)
        assert ("5.55" in answer.text) <= (answer.status_code == 200)
    return page.status_code, read.status_code, found.status_code


async def known(region: Region, login: str) -> Account:
    found = await account_by_login(region.web.store.pool, login)
    assert found is not None
    return found


async def sign(region: Region, who: Someone, **more: Any) -> None:
    """Keep MK1's contract with a resident, as it stands then."""
    today = datetime.now(UTC).date()
    contract = {
        "resourceType": "Contract",
        "id": f"{who.person}-contract",
        "status": "executed",
        "applies": {
            "start": str(today - timedelta(days=30)),
            "end": str(today + timedelta(days=30)),
        },
        "subject": [reference("Patient", who.patients[0])],
        **more,
    }
    store = region.web.store
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(contract, "MK1")])


async def test_a_contract_opens_the_record_until_it_is_ended_or_has_run_out(region: Region) -> None:
    who = await region.born("沈春山")
    doctor = await region.account("gp-contract", "gp", "MK1")
    elsewhere = await region.account("gp-elsewhere", "gp", "MK3")
    assert await doors(doctor, who) == (403, 403, 403)
    await sign(region, who)
    assert await doors(doctor, who) == (200, 200, 200)
    assert await doors(elsewhere, who) == (403, 403, 403)
    await sign(region, who, status="terminated")
    assert await doors(doctor, who) == (403, 403, 403)
    await sign(region, who)
    assert await doors(doctor, who) == (200, 200, 200)
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    await sign(region, who, applies={"start": "2020-01-01", "end": str(yesterday)})
    assert await doors(doctor, who) == (403, 403, 403)


async def test_a_departed_doctor_is_nobody_at_every_door(region: Region) -> None:
    who = await region.born("温良玉", visit=True)
    leaves = await region.account("dr-leaves", "doctor", "MK1")
    stays = await region.account("dr-stays", "doctor", "MK1")
    assert await doors(leaves, who) == await doors(stays, who) == (200, 200, 200)
    pool, now = region.web.store.pool, datetime.now(UTC)
    account = await known(region, "dr-leaves")
    (post,) = (await posts_of(pool, [account.id]))[account.id]
    await end_post(pool, region.web.gate.log, post.id, now=now, why="离职")
    assert await doors(leaves, who) == (303, 401, 401)
    assert await doors(stays, who) == (200, 200, 200)


async def test_the_open_sessions_of_a_disabled_account_are_over(region: Region) -> None:
    who = await region.born("骆行简", visit=True)
    doctor = await region.account("dr-disabled", "doctor", "MK1")
    own = await region.account("jian", "resident", person=who)
    assert await doors(doctor, who) == (200, 200, 200)
    assert (await own.get("/me/record")).status_code == 200
    pool, log = region.web.store.pool, region.web.gate.log
    for login in ("dr-disabled", "jian"):
        account = await known(region, login)
        await set_disabled(pool, log, account.id, disabled=True, now=datetime.now(UTC))
    assert await doors(doctor, who) == (303, 401, 401)
    assert (await own.get("/me/record")).status_code == 303
    assert (await own.get(f"/fhir/Patient/{who.patients[0]}")).status_code == 401


async def test_a_resident_gets_nothing_of_another_by_any_id(region: Region) -> None:
    """Every page and FHIR address that takes an id, with all ids of somebody else."""
    who = await region.born("顾知微", visit=True)
    other = await region.account("other", "resident", person=await region.born("陆听澜"))
    patient = who.patients[0]
    named = (who.name, who.number, who.code, f'"id":"{patient}', f'"id":"{who.person}')
    for path in (
        f"/record/{who.person}",
        f"/record/{who.person}?tab=results",
        f"/record/{who.person}/body",
        f"/me/record?person={who.person}",
        f"/me?person={who.person}",
        f"/me/family/{who.person}",
        f"/me/family/{who.person}/access",
        f"/me/family/{who.person}/consent",
        f"/record/{who.person}/apps",
        *(
            f"/fhir/{one}"
            for one in (
                f"Patient/{patient}",
                f"Patient/{patient}/_history",
                f"Patient/{patient}/_history/1",
                f"Patient/{patient}/$everything",
                f"Patient/{patient}/*",
                f"Observation/{patient}-glucose",
                f"Condition/{who.patients[1]}-diagnosis",
                f"Encounter/{patient}-visit",
                f"Person/{who.person}",
                f"Consent/consent-{who.person}",
                f"Observation?patient={patient}",
                f"Observation?_id={patient}-glucose",
                f"Patient?identifier={who.number}",
                f"Patient?name={who.name}",
                f"Person?_id={who.person}",
                "Patient?_has:Observation:patient:value-quantity=5.55",
                "Observation?_include=Observation:subject",
                "Person?_revinclude=Observation:patient",
                "_history",
                "Patient/_history",
                f"?_type=Patient,Person&_id={patient}",
            )
        ),
    ):
        answer = await other.get(path)
        for secret in named:
            assert secret not in answer.text or secret in path, (path, secret)
        if who.person in path or patient in path:
            assert answer.status_code == 403 or '"entry":[' not in answer.text, path
