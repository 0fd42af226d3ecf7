"""Worlds that differ in nothing but what a caller may not know, and the same callers in each.

The keys, the ids, the tokens and the order of writing are the same; what is hidden is stored last.
"""

import secrets
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
from httpx import ASGITransport, AsyncClient

from minkang.accounts import create_organisation, issue_token
from minkang.api import Callers, Door, Journal, fhir_application
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy import Gate
from minkang.store import Change, Pool, Scope, Store, open_pool, open_store, write
from minkang.store.data_keys import begin_sealing
from minkang.store.group_commit import GroupCommit
from tests.api.conftest import BASE

FEMALE, MALE, DAN_NUMBER = "11010519491231002X", "110105194912310011", "440308199901101512"
HIDDEN_NUMBER: Final = "350203199505050013"
CALLERS: Final = ("doctor", "dispatcher", "planner", "cdc", "resident", "system")
"""Who must learn nothing of what other institutions hold; all act for MK1."""

_ICD, _LOINC = "http://hl7.org/fhir/sid/icd-10", "http://loinc.org"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def patient(key: str, number: str, gender: str, born: str, **more: Any) -> Resource:
    """A Patient with all that names somebody."""
    return {
        "resourceType": "Patient",
        "id": key,
        "gender": gender,
        "birthDate": born,
        "identifier": [{"system": ID_CARD_SYSTEM, "value": number}],
        "name": [{"text": "海静姝"}],
        "telecom": [{"system": "phone", "value": "13900001111"}],
        "address": [{"text": "清水巷1号", "district": "甲县"}],
        **more,
    }


def visit(name: str, about: str, when: str) -> Resource:
    """An Encounter."""
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": "finished",
        "class": {"system": _ACT, "code": "AMB"},
        "subject": {"reference": f"Patient/{about}"},
        "period": {"start": when},
    }


def lab(name: str, about: str, value: float, day: str, code: str = "14749-6") -> Resource:
    """An Observation."""
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": _LOINC, "code": code, "display": "葡萄糖"}]},
        "subject": {"reference": f"Patient/{about}", "display": "海静姝"},
        "encounter": {"reference": f"Encounter/v-{about}"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": "mmol/L"},
    }


def diagnosis(name: str, about: str, code: str, day: str = "2026-02-01") -> Resource:
    """A Condition."""
    return {
        "resourceType": "Condition",
        "id": name,
        "recordedDate": day,
        "code": {"coding": [{"system": _ICD, "code": code}]},
        "subject": {"reference": f"Patient/{about}"},
        "encounter": {"reference": f"Encounter/v-{about}"},
    }


def known() -> list[Change]:
    """What is in every world: three residents of MK1, the first of them lately there."""
    lately = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    rows = [
        patient("ann", FEMALE, "female", "1949-12-31"),
        patient("bob", MALE, "male", "1949-12-31", name=[{"text": "江渡"}]),
        patient("dan", DAN_NUMBER, "male", "1999-01-10", name=[{"text": "白砚"}]),
        visit("v-dan", "dan", "2021-01-01"),
        lab("lab-dan", "dan", 7, "2021-01-01"),
        visit("v-ann", "ann", lately),
        visit("v-bob", "bob", "2019-01-01"),
        *(lab(f"lab-ann-{n}", "ann", 4 + n, f"2026-01-{n + 1:02}") for n in range(6)),
        *(lab(f"lab-bob-{n}", "bob", 5 + n, f"2025-01-{n + 1:02}") for n in range(3)),
        # Names a visit that only the other institution knows.
        {
            **lab("lab-ann-away", "ann", 5, "2026-01-08"),
            "encounter": {"reference": "Encounter/v-ann-2"},
        },
        diagnosis("asthma-ann", "ann", "J45.9"),
        diagnosis("asthma-bob", "bob", "J45.9"),
        {"resourceType": "Organization", "id": "ward", "name": "内科"},
    ]
    return [Change(row, "MK1") for row in rows]


def of_others() -> list[Change]:
    """What other institutions hold: of ann, of bob, and of somebody whom MK1 does not know."""
    rows = []
    for about in ("ann", "bob"):
        number, gender = (FEMALE, "female") if about == "ann" else (MALE, "male")
        there = f"{about}-2"
        rows += [
            patient(there, number, gender, "1949-12-31"),
            visit(f"v-{there}", there, "2026-01-05"),
            *(lab(f"lab-{there}-{n}", there, 6 + n, f"2026-01-{n + 10}") for n in range(4)),
            lab(f"hiv-{there}", there, 1, "2026-01-09", "56888-1"),
            diagnosis(f"mental-{there}", there, "F32.9"),
            diagnosis(f"asthma-{there}", there, "J45.9"),
            # Sent by the other institution about the Patient that MK1 knows.
            lab(f"lab-{about}-x", about, 30, "2026-01-03"),
            diagnosis(f"mental-{about}", about, "F20.0"),
        ]
    rows += [
        patient("carol", HIDDEN_NUMBER, "male", "1995-05-05", name=[{"text": "林暗香"}]),
        visit("v-carol", "carol", "2026-01-05"),
        lab("lab-carol", "carol", 9, "2026-01-06"),
        diagnosis("mental-carol", "carol", "F32.9"),
    ]
    return [Change(row, "MK2") for row in rows]


def of_names() -> list[Change]:
    """The same rows under other names, and sensitive ones: what a researcher must not learn."""
    rows = [
        patient(
            "ann",
            "350203194905050028",
            "female",
            "1949-05-05",
            name=[{"text": "苏暮雪"}],
            telecom=[{"system": "phone", "value": "13877776666"}],
            address=[{"text": "落霞路9号", "line": ["9号"], "district": "甲县"}],
            contact=[{"name": {"text": "苏明"}}],
        ),
        {**lab("lab-ann-0", "ann", 4, "2026-01-01"), "note": [{"text": "苏暮雪自述"}]},
        {
            **diagnosis("asthma-bob", "bob", "J45.9"),
            "text": {"status": "generated", "div": "<div>江渡</div>"},
        },
    ]
    hidden = [
        lab("hiv-ann", "ann", 1, "2026-01-09", "56888-1"),
        diagnosis("mental-ann", "ann", "F32.9"),
        diagnosis("genetic-bob", "bob", "Q90.9"),
    ]
    return [Change(row, "MK1") for row in (*rows, *hidden)]


def replaced(base: list[Change], other: list[Change]) -> list[Change]:
    """The rows of a world, those of the same id in their other form, and what comes on top."""
    forms = {(c.resource["resourceType"], c.resource["id"]): c for c in other}
    kept = [forms.pop((c.resource["resourceType"], c.resource["id"]), c) for c in base]
    return [*kept, *forms.values()]


class Twin(msgspec.Struct):
    """One world: its base, and who asks."""

    client: AsyncClient
    store: Store


class Twins(msgspec.Struct):
    """The world without the hidden facts, and the two with them.

    `headers` is what each role sends, the same in all.
    """

    plain: Twin
    others: Twin
    names: Twin
    headers: dict[str, dict[str, str]]

    def pair(self, role: str) -> tuple[Twin, Twin]:
        """The two worlds that a role must not tell apart."""
        return self.plain, self.names if role == "researcher" else self.others


async def twins(stack: AsyncExitStack, template: str, keys: Keys, folder: Path) -> Twins:
    """Make the worlds in copies of a migrated database; what they need is closed with the stack."""
    base = known()
    worlds: list[tuple[list[list[Change]], str]] = [
        ([base], "plain"),
        ([base, of_others()], "others"),
        ([replaced(base, of_names())], "names"),
    ]
    made: list[Twin] = []
    headers: dict[str, dict[str, str]] = {}
    for batches, name in worlds:
        (folder / name).mkdir()
        store, gate = await _store(stack, template, keys, folder / name)
        for batch in batches:
            async with store.pool.acquire() as connection, connection.transaction():
                await write(store, connection, batch)
            while await follow(store, keys):
                pass
        if made:
            await _copy_tokens(made[0].store.pool, store.pool)
        else:
            headers = await _headers(store, keys, gate.log)
        door = Door(
            gate=gate,
            keys=keys,
            cookie="session",
            callers=Callers(),
            journal=Journal(gate.log),
            group=GroupCommit(store),
            exports=folder / name,
        )
        transport = ASGITransport(fhir_application(door))
        client = AsyncClient(transport=transport, base_url=BASE)
        made.append(Twin(await stack.enter_async_context(client), store))
    return Twins(made[0], made[1], made[2], headers)


async def _store(
    stack: AsyncExitStack, template: str, keys: Keys, folder: Path
) -> tuple[Store, Gate]:
    url = await _copy(template)
    pool = await open_pool(url)
    stack.callback(pool.terminate)
    await begin_sealing(url, keys.wrapping)
    store = await open_store(pool, keys)
    for one in ("MK1", "MK2"):
        await create_organisation(pool, organisation_id=one, name=one, kind="hospital")
    log = await AuditLog.open(pool, keys, folder / "audit")
    stack.push_async_callback(log.close)
    return store, Gate(store, log, 180, 24)


async def _copy(template: str) -> str:
    """A copy of a database; its URL."""
    name = f"t_{secrets.token_hex(6)}"
    server, _, query = template.partition("?")
    base, _, model = server.rpartition("/")
    connection = await asyncpg.connect(f"{base}/postgres?{query}")
    await connection.execute(f"create database {name} template {model}")
    await connection.close()
    return f"{base}/{name}?{query}"


async def _headers(store: Store, keys: Keys, log: AuditLog) -> dict[str, dict[str, str]]:
    found = await resident_of_patient(store, Scope.whole(), "dan")
    assert found is not None
    headers = {}
    for role in (*CALLERS, "researcher"):
        own = role == "resident"
        issued = await issue_token(
            store.pool,
            keys,
            log,
            role=role,
            now=datetime.now(UTC),
            organisation=None if own else "MK1",
            person=found.person if own else None,
        )
        headers[role] = {"Authorization": f"Bearer {issued.token}"}
    return headers


async def _copy_tokens(source: Pool, target: Pool) -> None:
    rows = await source.fetch("select to_jsonb(t)::text as row from accounts.token t")
    for row in rows:
        await target.execute(
            "insert into accounts.token select * from"
            " jsonb_populate_record(null::accounts.token, $1::jsonb)",
            row["row"],
        )
