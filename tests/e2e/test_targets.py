"""What is stored goes out to a second platform, which takes it, judges it, and says so."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from lxml import etree

from minkang.accounts import create_organisation
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.exchange import Inbox, Source, process_waiting, register
from minkang.exchange.cda import label_of
from minkang.exchange.channels.door import look_at
from minkang.exchange.credentials import issue_credential
from minkang.exchange.targets import (
    Target,
    confirm_sent,
    deliveries,
    delivery_days,
    save_target,
    select_changes,
    send_again,
    send_waiting,
    targets,
)
from minkang.fhir import Resource
from minkang.store import Change, Store, write
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.exchange import cda_samples as samples

LOWER = Source(
    id="lower",
    name="县平台",
    organisation="MK-LOWER",
    channels=("fhir", "document", "wst"),
)
ORGANISATION = "MK-TOWN"


class Sender:
    """The platform that sends: its own database, and one target after another."""

    def __init__(self, store: Store, log: AuditLog, secrets: Path) -> None:
        self.store, self.log, self.secrets = store, log, secrets

    async def put(self, *resources: Resource, deleted: bool = False) -> None:
        async with self.store.pool.acquire() as connection, connection.transaction():
            changes = [Change(one, ORGANISATION, deleted=deleted) for one in resources]
            await write(self.store, connection, changes)

    async def register(self, secret: str, **fields: Any) -> str:
        target = Target(**{"name": "市平台", **fields})
        (self.secrets / target.id).write_text(secret, encoding="utf-8")
        async with self.store.pool.acquire() as connection:
            await save_target(connection, target)
        return target.id

    async def target(self, name: str) -> Target:
        async with self.store.pool.acquire() as connection:
            return (await targets(connection))[name]

    async def work(self, name: str) -> dict[str, str]:
        """Send all there is; the state of each resource once the target has said it."""
        while await select_changes(self.store, await self.target(name)):
            pass
        while await send_waiting(self.store, self.log, await self.target(name), self.secrets):
            pass
        for _ in range(100):
            await confirm_sent(self.store, await self.target(name), self.secrets)
            async with self.store.pool.acquire() as connection:
                lines = await deliveries(connection, name)
            if all(one.state != "sent" for one in lines):
                break
            await self.store.pool.fetch("select pg_sleep(0.1)")
        return {f"{one.type}/{one.resource}": one.state for one in lines}


@pytest.fixture(scope="module")
def secret(platform: Installation) -> str:
    """The receiving platform knows us as a source, and has given us a secret."""

    async def prepare(inside: Platform) -> str:
        await create_organisation(
            inside.pool, organisation_id=LOWER.organisation, name=LOWER.name, kind="institution"
        )
        await register(inside.store, LOWER)
        async with inside.pool.acquire() as connection:
            now = datetime.now(UTC)
            return (await issue_credential(connection, inside.keys, "lower", "县", now))[0]

    return platform.inside(prepare)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sender(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sender]:
    folder = tmp_path_factory.mktemp("sender")
    log = await AuditLog.open(store.pool, keys, folder)
    yield Sender(store, log, folder)
    await log.close()


def patient(number: str, name: str = "高翔") -> Resource:
    return {
        "resourceType": "Patient",
        "id": number,
        "name": [{"text": name}],
        "gender": "male",
        "birthDate": "1961-04-05",
    }


def observation(number: str, of: str, value: str = "final") -> Resource:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": value,
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": "2026-05-01T08:00:00+08:00",
    }


def held(platform: Installation, text: str) -> list[Any]:
    """What the receiving platform has of us, as it made it of our messages."""
    return platform.fetch(
        """select r.id, r.version, r.deleted from store.resource r
           join exchange.made d on d.type = r.type and d.id = r.id
           join exchange.message m on m.id = d.message
           where m.source = 'lower' and m.kind like $1
           group by r.type, r.id, r.version, r.deleted""",
        text,
    )


async def test_resources_arrive_once_follow_changes_and_are_withdrawn(
    platform: Installation, sender: Sender, secret: str
) -> None:
    name = await sender.register(
        secret,
        id="city",
        form="fhir",
        address=f"{platform.address}/exchange/lower",
        types=("Patient", "Observation"),
        sources=(ORGANISATION,),
    )
    await sender.put(patient("p1"), observation("o1", "p1"), observation("o2", "p1"))
    assert set((await sender.work(name)).values()) == {"confirmed"}
    arrived = held(platform, "fhir%")
    assert len(arrived) == 3

    async with sender.store.pool.acquire() as connection:
        assert await send_again(connection, name) == 3
    assert set((await sender.work(name)).values()) == {"confirmed"}
    assert held(platform, "fhir%") == arrived

    await sender.put(observation("o1", "p1", "amended"))
    await sender.put(observation("o2", "p1"), deleted=True)
    assert set((await sender.work(name)).values()) == {"confirmed"}
    assert sorted((one["version"], one["deleted"]) for one in held(platform, "fhir%")) == [
        (1, False),
        (2, False),
        (2, True),
    ]
    async with sender.store.pool.acquire() as connection:
        days = await delivery_days(connection, name, datetime.now(UTC) - timedelta(days=1))
    assert {day.type: (day.confirmed, day.waiting) for day in days} == {
        "Observation": (2, 0),
        "Patient": (1, 0),
    }
    sent = await sender.store.pool.fetchval(
        "select count(*) from audit.entry where action = 'send-to-target'"
    )
    assert sent >= 3


async def test_one_bad_resource_does_not_hold_up_the_others(
    platform: Installation, sender: Sender, secret: str
) -> None:
    name = await sender.register(
        secret,
        id="strict",
        form="fhir",
        address=f"{platform.address}/exchange/lower",
        types=("Observation",),
        sources=(ORGANISATION,),
    )
    bad = observation("o3", "p1", "no-such-status")
    await sender.put(bad, observation("o4", "p1"))
    states = await sender.work(name)
    assert states["Observation/o3"] == "refused"
    assert states["Observation/o4"] == "confirmed"
    async with sender.store.pool.acquire() as connection:
        [line] = await deliveries(connection, name, state="refused")
    assert "status" in line.place
    assert line.text


async def test_a_shut_door_is_tried_again_and_what_waits_is_not_lost(
    platform: Installation, sender: Sender, secret: str
) -> None:
    given = {
        "id": "shut",
        "form": "fhir",
        "address": f"{platform.address}/exchange/lower",
        "types": ("Patient",),
        "sources": (ORGANISATION,),
    }
    name = await sender.register("wrong", **given)
    await sender.put(patient("p2", "郭宁"))
    assert "waiting" in (await sender.work(name)).values()
    target = await sender.target(name)
    assert "401" in target.trouble
    assert target.next_try is not None
    await sender.register(secret, **given)
    assert set((await sender.work(name)).values()) == {"confirmed"}
    assert (await sender.target(name)).trouble == ""


@pytest.mark.parametrize("form", ["document", "wst"])
async def test_a_document_arrives_as_it_is(
    platform: Installation, sender: Sender, secret: str, keys: Keys, form: str
) -> None:
    samples.there()
    number = f"{form:0<32}"
    root = samples.document("C0007")
    root.find(f"{{{samples.V3}}}id").set("extension", number)
    raw = etree.tostring(root, encoding="UTF-8")
    town = Source(id=f"town-{form}", name="镇", organisation=ORGANISATION, channels=("document",))
    await register(sender.store, town)
    inbox = Inbox(sender.store)
    try:
        await inbox.keep(look_at(town, keys.id_key, "document", label_of(raw), raw).arrival)
    finally:
        await inbox.close()
    assert (await process_waiting(sender.store, keys)).stored == 1
    address = f"{platform.address}/wst" if form == "wst" else f"{platform.address}/exchange/lower"
    name = await sender.register(
        f"lower:{secret}" if form == "wst" else secret,
        id=form,
        form=form,
        address=address,
        types=("DocumentReference",),
        sources=(ORGANISATION,),
    )
    states = await sender.work(name)
    async with sender.store.pool.acquire() as connection:
        refused = await deliveries(connection, name, state="refused")
    assert set(states.values()) == {"confirmed"}, refused

    def received() -> list[Any]:
        return platform.fetch(
            "select kind, state from exchange.message where source = 'lower' and control_id <> ''"
            " and channel = $1",
            form,
        )

    # What is acknowledged is kept; the other platform's worker takes it up in its own time.
    becomes(lambda: all(one["state"] != "waiting" for one in received()), 20)
    found = received()
    assert {(one["kind"].partition(":")[0], one["state"]) for one in found} == {(form, "stored")}


async def test_rows_go_into_a_table_of_another_system(sender: Sender, database_url: str) -> None:
    await sender.store.pool.execute(
        "create table public.jumin (id text primary key, changed text, xm text, sr text)"
    )
    name = await sender.register(
        "",
        id="town-his",
        form="table",
        address=database_url,
        types=("Patient",),
        sources=(ORGANISATION,),
        columns={"Patient": {"table": "public.jumin", "xm": "name.text", "sr": "birthDate"}},
    )
    await sender.put(patient("p3", "何田"))
    assert (await sender.work(name))["Patient/p3"] == "confirmed"
    await sender.put(patient("p3", "何甜"))
    await sender.work(name)
    connection = await asyncpg.connect(database_url)
    try:
        row = await connection.fetchrow("select xm, sr from jumin where id = 'p3'")
        assert row is not None
        assert tuple(row) == ("何甜", "1961-04-05")
        await sender.put(patient("p3"), deleted=True)
        await sender.work(name)
        assert await connection.fetchval("select count(*) from jumin where id = 'p3'") == 0
    finally:
        await connection.close()
