"""The simple pages for the old: chosen without script, kept for the person, left again."""

from litestar import Litestar

from minkang.web import Web
from tests.web.log_in import Browser, make

_SIMPLE = 'data-mode="simple"'


async def test_the_log_in_offers_the_simple_pages(application: Litestar) -> None:
    nobody = Browser(application)
    await nobody.get("/login")
    assert 'action="/simple"' in nobody.last
    assert _SIMPLE not in nobody.last
    answer = await nobody.post("/simple", {"on": "1", "back": "/login"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    await nobody.get("/login")
    assert _SIMPLE in nobody.last


async def test_the_choice_is_there_in_another_browser_after_the_log_in(
    web: Web, application: Litestar
) -> None:
    account = await make(web, "nurse")
    first, second = Browser(application), Browser(application)
    await first.log_in(account.login)
    await first.post("/simple", {"on": "1", "back": "/doctor"})
    await second.log_in(account.login)
    await second.get("/doctor")
    assert _SIMPLE in second.last
    await second.post("/simple", {"on": "0", "back": "/doctor"})
    await second.get("/doctor")
    assert _SIMPLE not in second.last
    third = Browser(application)
    await third.log_in(account.login)
    await third.get("/doctor")
    assert _SIMPLE not in third.last


async def test_somebody_elses_choice_changes_nothing_for_me(
    web: Web, application: Litestar
) -> None:
    mine, theirs = await make(web, "nurse"), await make(web, "nurse")
    other, own = Browser(application), Browser(application)
    await other.log_in(theirs.login)
    await other.post("/simple", {"on": "1", "back": "/doctor"})
    await own.log_in(mine.login)
    await own.get("/doctor")
    assert _SIMPLE not in own.last


async def test_the_switch_leads_nowhere_but_here(application: Litestar) -> None:
    answer = await Browser(application).post("/simple", {"on": "1", "back": "//elsewhere.example"})
    assert answer.headers["location"] == "/"
