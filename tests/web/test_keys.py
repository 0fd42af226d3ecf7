"""The security administrator sees which keys there are, makes the next one, and reads the lists."""

import argon2
import pytest
from litestar import Litestar

from minkang.accounts import passwords
from minkang.store.data_keys import data_keys
from minkang.store.reseal import resealing
from minkang.web import Web

from .log_in import Browser, make


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


async def guard(web: Web, application: Litestar) -> Browser:
    browser = Browser(application, "192.0.2.30")
    await browser.enter((await make(web, "security-administrator")).login)
    return browser


async def test_another_data_key_is_made_and_everything_sealed_under_it(
    web: Web, application: Litestar
) -> None:
    browser = await guard(web, application)
    page = await browser.get("/security/keys")
    assert page.status_code == 200
    assert page.text.count("正在封存") == 1
    answer = await browser.post("/security/keys/rotate")
    assert answer.headers["location"].endswith("said=rotated")
    answer = await browser.post("/security/keys/reseal")
    assert answer.headers["location"].endswith("said=resealing")
    async with web.store.pool.acquire() as connection:
        first, second = await data_keys(connection)
        assert (first.retired is None, second.retired is None) == (False, True)
        assert {one.goal for one in await resealing(connection)} == {second.version}
        noted = await connection.fetchval(
            "select count(*) from audit.entry where action = 'rotate-keys' and allowed"
        )
    assert noted == 2
    page = await browser.get("/security/keys")
    assert "只用于读" in page.text
    assert "进行中" in page.text


async def test_who_keeps_the_records_can_not_turn_the_keys(web: Web, application: Litestar) -> None:
    for role in ("system-administrator", "audit-administrator", "doctor"):
        browser = Browser(application, "192.0.2.31")
        login = (await make(web, role)).login
        await (browser.log_in(login) if role == "doctor" else browser.enter(login))
        assert (await browser.post("/security/keys/rotate")).status_code == 403
        assert (await browser.get("/security/keys")).status_code == 403


async def test_the_lists_claim_nothing_that_was_not_looked_at(
    web: Web, application: Litestar
) -> None:
    browser = await guard(web, application)
    page = await browser.get("/security/list")
    assert page.status_code == 200
    for words in ("8.1.4.8", "8.4 e", "管理要求，不作结论", "SM4-GCM"):
        assert words in page.text
