"""Cheap hashes, an open audit log, and accounts with names of their own."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import argon2
import pytest
import pytest_asyncio

from minkang.accounts import Account, create_account, create_organisation, passwords
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
REAL_HASHER = passwords.HASHER
PASSWORD = "correct horse 电池"

MakeAccount = Callable[..., Awaitable[Account]]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real parameters are meant to be slow; one test looks at them."""
    passwords._nobodys_hash.cache_clear()
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
    yield
    passwords._nobodys_hash.cache_clear()


@pytest_asyncio.fixture(loop_scope="session")
async def log(pool: Pool, keys: Keys, tmp_path: Path) -> AsyncIterator[AuditLog]:
    log = await AuditLog.open(pool, keys, tmp_path)
    yield log
    await log.close()


@pytest.fixture
def make_account(pool: Pool, log: AuditLog) -> MakeAccount:
    """Makes a doctor of a new hospital, or what the arguments say."""

    async def make(**given: Any) -> Account:
        login = "doc-" + secrets.token_hex(4)
        organisation = "org-" + secrets.token_hex(4)
        await create_organisation(
            pool, organisation_id=organisation, name="民康县人民医院", kind="hospital"
        )
        fields: dict[str, Any] = {
            "login": login,
            "name": "王医生",
            "role": "doctor",
            "password": PASSWORD,
            "organisation": organisation,
            "now": NOW,
        }
        return await create_account(pool, log, **(fields | given))

    return make
