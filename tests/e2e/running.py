"""Fixtures of the tests that use a whole running platform; a plugin of tests/conftest.py."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from minkang.accounts import create_account, create_organisation
from minkang.app.platform import Platform, open_gate
from minkang.identity import Resident as Person
from minkang.identity import resident
from minkang.policy.consent import ConsentChange, change_consents
from minkang.store import Scope
from tests.e2e.installation import PASSWORD, Installation, installation
from tests.region import Resident

ELSEWHERE = "MK-NANWAN"
"""An institution where nobody of the demonstration has ever been."""


class Cast(msgspec.Struct, frozen=True):
    """Who appears in the tests.

    Attributes:
        truth: the invented resident behind `own`.
        own: the resident whose account is `jumin`.
        other: another resident, whose account is `linju`.

    Doctors: `yisheng` and `zhongyi` of the demonstration; `nanyi`, at an institution without any
    visits, and `beiyi`, like it; `mayi`, of the same, to whom `own` has shown the code. Information
    centre: `xinxi`.
    """

    truth: Resident
    own: Person
    other: Person


class People:
    """Logged-in visitors by account; each logs in once."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._clients: dict[str, httpx.Client] = {}
        self._stack = ExitStack()

    def __getitem__(self, login: str) -> httpx.Client:
        if login not in self._clients:
            visitor = self._installation.logged_in(login)
            self._clients[login] = self._stack.enter_context(visitor)
        return self._clients[login]

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="session")
def platform() -> Iterator[Installation]:
    """One running demonstration for all tests that leave it whole."""
    with installation() as made:
        yield made


@pytest.fixture(scope="session")
def cast(platform: Installation) -> Cast:
    """The people of the tests, with their accounts."""
    return make_cast(platform)


def make_cast(platform: Installation) -> Cast:
    """Adds to a demonstration the accounts that the tests need beside its own.

    Everybody has consented to sharing, without limits: what a test is about decides, not chance.
    """
    row = platform.fetch("select person from accounts.account where login = 'jumin'")[0]

    async def prepare(inside: Platform) -> Person:
        own = await resident(inside.store, Scope.whole(), row["person"])
        assert own is not None
        await create_organisation(
            inside.pool, organisation_id=ELSEWHERE, name="南湾镇卫生院", kind="clinic"
        )
        return own

    known = platform.persons()
    other = next(p for _, p in known if p.person != row["person"])
    own = platform.inside(prepare)
    platform.inside(lambda inside: _consent(inside, [person for _, person in known]))
    add_account(platform, "nanyi", "周南", "doctor")
    add_account(platform, "beiyi", "周北", "doctor")
    add_account(platform, "mayi", "马一鸣", "doctor")
    add_account(platform, "linju", other.name, "resident", person=other.person)
    truth = next(t for t, p in known if p.person == own.person)
    with platform.logged_in("mayi") as doctor:
        shown = doctor.post(f"/record/{own.person}/code", data={"code": own.code})
        assert shown.status_code == 303
    return Cast(truth, own, other)


async def _consent(inside: Platform, persons: list[Person]) -> None:
    async with open_gate(inside) as gate:
        given = [
            ConsentChange(person=one.person, patients=one.patients, kind="give") for one in persons
        ]
        await change_consents(inside.store, gate.log, given, by=None, now=datetime.now(UTC))


def add_account(
    platform: Installation, login: str, name: str, role: str, *, person: str | None = None
) -> None:
    """One more account; a doctor's is at ELSEWHERE."""

    async def add(inside: Platform) -> None:
        async with open_gate(inside) as gate:
            await create_account(
                inside.pool,
                gate.log,
                login=login,
                name=name,
                role=role,
                password=PASSWORD,
                now=datetime.now(UTC),
                organisation=ELSEWHERE if role == "doctor" else None,
                person=person,
            )

    platform.inside(add)


@pytest.fixture(scope="session")
def people(platform: Installation, cast: Cast) -> Iterator[People]:
    """Logged-in visitors by account."""
    del cast
    made = People(platform)
    yield made
    made.close()


# Browser tests


def chromium() -> Path | None:
    """Debian's Chromium, or what MINKANG_TEST_CHROMIUM names."""
    named = os.environ.get("MINKANG_TEST_CHROMIUM")
    found = shutil.which(named or "chromium")
    return Path(found) if found else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are left out, and the summary says so."""
    if chromium() is not None:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            reason = "NOT RUN: Chromium is missing; apt-get install chromium"
            item.add_marker(pytest.mark.skip(reason=reason))
