"""Storing the small mixed region of `policy_world`, with everybody who asks."""

from collections.abc import Mapping
from datetime import UTC, datetime

from minkang.accounts import create_organisation, issue_token
from minkang.api import Door
from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES, patients_of
from minkang.identity import follow, resident_of_patient
from minkang.policy import present_code
from minkang.policy.consent import ConsentChange, change_consent
from minkang.policy.consent_record import Sharing
from minkang.policy.glass import break_glass
from minkang.policy.guardian_steps import Claim, claim_guardian, decide_guardian
from minkang.store import Change, Scope, Store, read, write
from tests.api.policy_world import (
    CALLERS,
    CLINICIANS,
    RESIDENTS,
    SOURCES,
    Caller,
    Row,
    World,
    facts_of,
    papers_of,
)


async def build(store: Store, keys: Keys, door: Door) -> World:
    """Store the region, and everybody who asks."""
    gate, now = door.gate, datetime.now(UTC)
    await _tree(store)
    told: dict[tuple[str, str], tuple[str, str]] = {}
    changes = []
    for one in RESIDENTS:
        rows = [
            (source, topic, row)
            for source in SOURCES
            for topic, row in facts_of(one, source, source == "MK1" and "visit" in one.ties)
        ]
        rows += [(source, "plain", row) for source, row in papers_of(one)]
        for source, topic, row in rows:
            told[row["resourceType"], row["id"]] = (topic, one.key)
            changes.append(Change(row, source))
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, changes)
    while await follow(store, keys):
        pass
    persons: dict[str, str] = {}
    for one in RESIDENTS:
        found = await resident_of_patient(store, Scope.whole(), one.patient("MK1"))
        assert found is not None
        assert len(found.patients) == len(SOURCES), one.key
        persons[one.key] = found.person
        limits = Sharing(without_sources=one.kept, without_topics=one.topics)
        for kind in one.consent:
            wanted = ConsentChange(
                person=found.person,
                patients=found.patients,
                kind=kind,
                sharing=limits if kind == "narrow" else Sharing(),
            )
            await change_consent(store, gate.log, wanted, by=None, now=now)
        told["Person", found.person] = ("plain", one.key)
        told["Consent", f"consent-{found.person}"] = ("restricted", one.key)
    callers = {role: await caller(store, keys, door, role, persons) for role in CALLERS}
    await _ties(store, door, persons, callers)
    return World(persons, await _rows(store, told), callers)


async def caller(
    store: Store, keys: Keys, door: Door, role: str, persons: Mapping[str, str]
) -> Caller:
    """A bearer of a token in a role, at MK1; the resident is zhao."""
    person = persons["zhao"] if role == "resident" else None
    issued = await issue_token(
        store.pool,
        keys,
        door.gate.log,
        role=role,
        now=datetime.now(UTC),
        person=person,
        organisation=None if person else "MK1",
    )
    return Caller(issued.account, {"Authorization": f"Bearer {issued.token}"})


async def _tree(store: Store) -> None:
    for key in SOURCES:
        await create_organisation(
            store.pool, organisation_id=key, name=f"{key} 院", kind="hospital"
        )
    for county, below in (("A", ("MK1", "MK2")), ("B", ("MK9",))):
        await create_organisation(
            store.pool, organisation_id=county, name=f"{county} 县", kind="commission"
        )
        await store.pool.execute(
            "update accounts.organisation set level = 'county' where id = $1", county
        )
        await store.pool.execute(
            "update accounts.organisation set parent = $1 where id = any($2)", county, list(below)
        )


async def _ties(
    store: Store, door: Door, persons: Mapping[str, str], callers: Mapping[str, Caller]
) -> None:
    """Shown codes, broken glass and guardians."""
    log, now = door.gate.log, datetime.now(UTC)
    for one in RESIDENTS:
        person = persons[one.key]
        for role in (*CLINICIANS, "dispatcher"):
            account = callers[role].account
            if "code" in one.ties and role in CLINICIANS:
                await present_code(store, account, person, now=now, topics=one.confirmed)
            if "glass" in one.ties and role != "maternal-child":
                await break_glass(
                    store,
                    log,
                    account,
                    person,
                    reason="unconscious",
                    explanation="急诊昏迷，无法问诊病史",
                    now=now,
                )
        if "ward" in one.ties:
            claim = Claim(
                guardian=persons["zhao"],
                ward=person,
                ward_name=one.name,
                kind="child",
                evidence="birth-certificate",
                document="出生证 1",
                institution="MK1",
                begins=one.born,
            )
            asked = await claim_guardian(store, log, claim, by=callers["resident"].account, now=now)
            await decide_guardian(
                store,
                log,
                asked.id,
                by=callers["gp"].account,
                confirmed=True,
                born=one.born,
                words="",
                now=now,
            )


async def _rows(store: Store, told: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[Row, ...]:
    """Everything that is stored, with what the world knows of it."""
    found = []
    by_code = await store.pool.fetch(
        "select type, id, source from store.resource order by type, id"
    )
    names = {code: name for name, code in TYPE_CODES.items()}
    for row in by_code:
        kind = names[row["type"]]
        topic, resident = told[kind, row["id"]]
        stored = await read(store, Scope.whole(), kind, row["id"])
        assert stored is not None
        about = patients_of(stored.resource)
        source = row["source"] if row["source"] in SOURCES else "MK-PLATFORM"
        found.append(Row(kind, row["id"], source, topic, resident, about))
    return tuple(found)
