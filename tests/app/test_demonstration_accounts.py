"""The demonstration's people: everybody has a role and a place; making them twice is harmless."""

from collections.abc import AsyncIterator
from pathlib import Path

import argon2
import pytest
import pytest_asyncio

from minkang.accounts import ROLES, Organisation, passwords
from minkang.accounts.directory import read_tree
from minkang.accounts.organisations_change import organisation_problem
from minkang.accounts.posts import posts_of
from minkang.accounts.roles import MACHINES
from minkang.app.demonstration import demo_accounts
from minkang.app.demonstration.accounts import PASSWORD, create_accounts
from minkang.app.demonstration.organisations import COUNTY, HOSPITAL, STATION
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.store import Scope, Store, read

LOGINS = {
    "yisheng": "doctor", "zhongyi": "doctor", "quanke": "gp", "cunyi": "village-doctor",
    "hushi": "nurse", "fuyou": "maternal-child", "diaodu": "dispatcher", "jikong": "cdc",
    "yuanxin": "hospital-it", "guihua": "planner", "jiandu": "supervisor",
    "yanjiu": "researcher", "xinxi": "information-centre", "xinxi2": "information-centre",
    "jumin": "resident",
    "xitong": "system-administrator", "anquan": "security-administrator",
    "anquan2": "security-administrator", "shenji": "audit-administrator",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def platform(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    """An empty region, in which the demonstration's people were made twice."""
    home: Path = tmp_path_factory.mktemp("demonstration")
    made = Platform(Settings(home=home), "", keys, store.pool, store)
    log = await AuditLog.open(store.pool, keys, home / "audit")
    with pytest.MonkeyPatch.context() as patch:
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "HASHER", cheap)
        for _ in range(2):
            await create_accounts(made, log, "张伟", "person-1")
    yield made
    await log.close()


async def test_every_role_that_logs_in_has_somebody(platform: Platform) -> None:
    rows = await platform.pool.fetch(
        """select a.login, array_agg(distinct p.role) as roles from accounts.account a
           join accounts.post p on p.account = a.id group by a.login"""
    )
    assert {row["login"]: row["roles"] for row in rows} == {
        login: [role] for login, role in LOGINS.items()
    }
    assert set(LOGINS.values()) == set(ROLES) - MACHINES
    assert {one.login for one in demo_accounts()} == set(LOGINS)
    assert {one.password for one in demo_accounts()} == {PASSWORD}


async def test_the_family_doctor_has_two_posts_to_change_between(platform: Platform) -> None:
    account = await platform.pool.fetchval(
        "select id::text from accounts.account where login = 'quanke'"
    )
    posts = (await posts_of(platform.pool, [account]))[account]
    tree = await read_tree(platform.pool)
    assert len(posts) == 2
    assert STATION in {tree.institution_of(post.organisation or "") for post in posts}


async def test_all_places_lie_in_one_sound_tree(platform: Platform) -> None:
    tree = await read_tree(platform.pool)
    (top,) = tree.below(None)
    assert tree.within(top) == {one.id for one in tree.all()}
    assert HOSPITAL in tree.within(COUNTY)
    for one in tree.all():
        assert isinstance(one, Organisation)
        assert organisation_problem(one) is None, one.id


async def test_they_are_in_the_directory(platform: Platform) -> None:
    stored = await read(platform.store, Scope.whole(), "Organization", HOSPITAL)
    assert stored is not None
    assert stored.resource["partOf"] == {"reference": f"Organization/{COUNTY}"}
