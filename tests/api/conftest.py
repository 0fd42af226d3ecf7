"""The FHIR base over a real database, with callers of every kind."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient

from minkang.accounts import create_organisation, issue_token
from minkang.api import Callers, Door, Journal, fhir_application
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.policy import Gate
from minkang.store import Store
from minkang.store.group_commit import GroupCommit

ORGANISATIONS = ("MK1", "MK2")
BASE = "http://minkang.test/fhir"
FHIR = {"content-type": "application/fhir+json"}

Bearer = Callable[..., Awaitable[dict[str, str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gate(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[Gate]:
    """The gate with an audit log of the module's own."""
    for one in ORGANISATIONS:
        await create_organisation(store.pool, organisation_id=one, name=one, kind="hospital")
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield Gate(store, log, 180, 24)
    await log.close()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of bulk exports."""
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def door(gate: Gate, keys: Keys, exports: Path) -> Door:
    """The base as an operator runs it."""
    return Door(
        gate=gate,
        keys=keys,
        cookie="session",
        callers=Callers(),
        journal=Journal(gate.log),
        group=GroupCommit(gate.store),
        exports=exports,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(door: Door) -> AsyncIterator[AsyncClient]:
    """Somebody without a token."""
    transport = ASGITransport(fhir_application(door))
    async with AsyncClient(transport=transport, base_url=BASE) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bearer(gate: Gate, keys: Keys) -> Bearer:
    """Makes the headers of a caller in a role."""

    async def make(role: str, **more: Any) -> dict[str, str]:
        issued = await issue_token(
            gate.store.pool, keys, gate.log, role=role, now=datetime.now(UTC), **more
        )
        return {"Authorization": f"Bearer {issued.token}"}

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(door: Door, bearer: Bearer) -> AsyncIterator[AsyncClient]:
    """A system of the organisation MK1, sending FHIR JSON."""
    headers = {**await bearer("system", organisation="MK1"), **FHIR}
    transport = ASGITransport(fhir_application(door))
    async with AsyncClient(transport=transport, base_url=BASE, headers=headers) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def other(door: Door, bearer: Bearer) -> AsyncIterator[AsyncClient]:
    """A system of the organisation MK2."""
    headers = {**await bearer("system", organisation="MK2"), **FHIR}
    transport = ASGITransport(fhir_application(door))
    async with AsyncClient(transport=transport, base_url=BASE, headers=headers) as made:
        yield made
