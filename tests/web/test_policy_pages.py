"""The policy on its pages: read, tried out, changed by two persons, taken back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import argon2
import pytest
import pytest_asyncio
from litestar import Litestar

from minkang.accounts import Account, passwords
from minkang.policy.decide import in_force, put_in_force
from minkang.policy.following import take_up
from minkang.policy.table import shipped, shipped_text
from minkang.policy.versions import number_in_force, offer_shipped
from minkang.web import Web

from .log_in import Browser, make
from .small_region import Region

CHANGED = shipped_text().replace("visit, contract, referral", "visit, contract")
EDIT = "/security/policy/edit"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def only_the_release(web: Web) -> AsyncIterator[None]:
    await web.store.pool.execute("truncate policy.version")
    await offer_shipped(web.store.pool, datetime.now(UTC))
    yield
    await web.store.pool.execute("truncate policy.version")
    put_in_force(shipped())


async def guard(web: Web, application: Litestar) -> Browser:
    browser = Browser(application, "192.0.2.40")
    await browser.enter((await make(web, "security-administrator")).login)
    return browser


async def test_a_change_is_shown_proposed_and_approved_by_another(
    web: Web, application: Litestar
) -> None:
    first, second = await guard(web, application), await guard(web, application)
    page = await first.get("/security/policy")
    assert (page.status_code, "第 1 版" in page.text) == (200, True)
    seen = await first.post(EDIT, {"text": CHANGED, "action": "check"})
    assert seen.status_code == 200
    assert "open-record" in seen.text
    assert "拒绝" in seen.text
    assert await number_in_force(web.store.pool) == 1
    sent = await first.post(EDIT, {"text": CHANGED, "why": "转诊暂停", "action": "propose"})
    assert sent.status_code == 303
    place = sent.headers["location"]
    own = await first.get(place)
    assert "须由另一位安全管理员批准" in own.text
    refused = await first.post(place, {"step": "approve"})
    assert refused.status_code == 422
    assert await number_in_force(web.store.pool) == 1
    done = await second.post(place, {"step": "approve", "words": "同意"})
    assert done.status_code == 303
    await take_up(web.store.pool)
    assert str(in_force().version) == place.rpartition("/")[2]
    back = await second.post(
        "/security/policy/versions/1", {"step": "roll-back", "words": "恢复转诊"}
    )
    assert back.status_code == 303
    assert (await first.post(back.headers["location"], {"step": "approve"})).status_code == 303
    await take_up(web.store.pool)
    assert in_force().rows == shipped().rows


async def test_a_wrong_table_is_refused_with_place_and_rule(
    web: Web, application: Litestar
) -> None:
    browser = await guard(web, application)
    text = CHANGED.replace("purpose: treatment", "purpose: curiosity", 1)
    answer = await browser.post(EDIT, {"text": text, "why": "试一试看", "action": "propose"})
    assert answer.status_code == 422
    assert "处错误" in answer.text
    answer = await browser.post(EDIT, {"text": "<script>alert(1)</script>", "action": "check"})
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert await number_in_force(web.store.pool) == 1


async def test_trying_out_says_why_and_stands_in_the_residents_log(
    web: Web, application: Litestar
) -> None:
    browser = await guard(web, application)
    assert (await browser.get("/security/policy/try")).status_code == 200
    async with Region(web) as region:
        who = await region.born("何小燕", visit=True)
        await region.account("yi", "doctor", "MK1")
        far = await region.account("er", "doctor", "MK3")
        del far
        login = "yi"
        seen = await _tried(browser, login, who.person)
        assert "允许" in seen
        assert "何小燕" not in seen
        refused = await _tried(browser, "er", who.person)
        assert "拒绝" in refused
        assert "需要" in refused
        everybody = await browser.post(
            "/security/policy/try", {"resident": who.person, "step": "who"}
        )
        assert "现在能打开的账号" in everybody.text
        noted = await web.store.pool.fetchval(
            "select count(*) from audit.entry where action = 'try-policy' and person = $1",
            who.person,
        )
        assert noted == 3
    nobody = await browser.post("/security/policy/try", {"resident": "p" * 30, "login": "yi"})
    assert nobody.status_code == 422


async def _tried(browser: Browser, login: str, person: str) -> str:
    form = {"login": login, "resident": person, "action": "open-record", "step": "why"}
    answer = await browser.post("/security/policy/try", form)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_who_audits_may_read_the_policy_and_not_change_it(
    web: Web, application: Litestar
) -> None:
    auditor: Account = await make(web, "audit-administrator")
    browser = Browser(application, "192.0.2.41")
    await browser.enter(auditor.login)
    assert (await browser.get("/security/policy")).status_code == 200
    assert (await browser.get(EDIT)).status_code == 403
    assert (await browser.post(EDIT, {"text": CHANGED, "action": "propose"})).status_code == 403
    step = await browser.post("/security/policy/versions/1", {"step": "approve"})
    assert step.status_code == 403
