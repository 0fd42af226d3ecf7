"""The home of each role: what needs doing now, counted, and one click away."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from litestar import Litestar

from minkang.accounts.posts import end_post, posts_of
from minkang.accounts.roles import BY_KEY, MACHINES
from minkang.policy.waiting import glasses_waiting, objections_waiting, proposals_waiting
from minkang.web import Web
from minkang.web.home_cards import CARDS
from tests.web.log_in import Browser, make

_NOW = datetime.now(UTC)
_CARD = re.compile(
    r'<a class="mk-todo-card( is-\w+)?" href="([^"]+)">\s*<span class="mk-todo-name">([^<]+)<.*?'
    r'<span class="mk-todo-count">(\d+)</span>',
    re.DOTALL,
)


async def _home(web: Web, application: Litestar, role: str) -> tuple[Browser, str]:
    """A browser at the home of a new account, and the account's id."""
    account = await make(web, role)
    browser = Browser(application)
    if role in web.settings.login.second_factor_roles:
        await browser.enter(account.login)
    else:
        await browser.log_in(account.login)
    assert (await browser.get("/home")).status_code == 200
    return browser, account.id


def _counts(browser: Browser) -> dict[str, tuple[int, str]]:
    """Cards with something to do: count and tone, by address."""
    return {unescape(href): (int(count), tone.strip()) for tone, href, _, count in
            _CARD.findall(browser.last)}  # fmt: skip


async def _objection(web: Web, due: datetime) -> None:
    await web.store.pool.execute(
        """insert into policy.objection (id, person, account, mark, entry, words, at, due)
           values ($1, $2, $3, $4, '{}', 'x', $5, $6)""",
        uuid4(), f"p-{secrets.token_hex(4)}", uuid4(), secrets.token_hex(8), _NOW, due,
    )  # fmt: skip


async def _glass(web: Web, institution: str, due: datetime) -> None:
    await web.store.pool.execute(
        """insert into policy.glass (id, account, account_name, role, institution, person, reason,
               explanation, opened, until, due, state)
           values ($1, $2, '王小明', 'doctor', $3, $4, 'other', 'x', $5, $5, $6, 'waiting')""",
        uuid4(), uuid4(), institution, f"p-{secrets.token_hex(4)}", _NOW, due,
    )  # fmt: skip


def test_every_role_that_logs_in_has_its_line_of_cards() -> None:
    assert CARDS.keys() == BY_KEY.keys() - MACHINES


@pytest.mark.parametrize("role", sorted(BY_KEY.keys() - MACHINES - {"resident"}))
async def test_every_link_of_a_home_opens(web: Web, application: Litestar, role: str) -> None:
    browser, _ = await _home(web, application, role)
    main = browser.last.partition('<main id="main"')[2].partition("</main>")[0]
    links = {unescape(one) for one in re.findall(r'href="(/[^"#]*)"', main)} - {"/home"}
    assert links or role in {"hospital-it", "researcher"}, "a home that leads nowhere says why"
    for link in sorted(links):
        assert (await browser.get(link)).status_code == 200, f"{role}: {link}"


@pytest.mark.parametrize("role", ["hospital-it", "researcher"])
async def test_who_works_elsewhere_is_told_so(web: Web, application: Litestar, role: str) -> None:
    browser, _ = await _home(web, application, role)
    assert "联系信息中心" in browser.last


async def test_objections_are_counted_and_those_past_their_time_are_urgent(
    web: Web, application: Litestar
) -> None:
    before = await objections_waiting(web.store.pool, _NOW)
    await _objection(web, _NOW + timedelta(days=3))
    browser, _ = await _home(web, application, "audit-administrator")
    assert _counts(browser)["/objections"] == (
        before.count + 1,
        "is-danger" if before.overdue else "is-warn",
    )
    await _objection(web, _NOW - timedelta(days=1))
    await browser.get("/home")
    assert _counts(browser)["/objections"] == (before.count + 2, "is-danger")
    assert f"其中 {before.overdue + 1} 件已超过期限" in browser.last


async def test_a_supervisor_sees_only_the_own_institutions_glasses(
    web: Web, application: Litestar
) -> None:
    browser, account = await _home(web, application, "supervisor")
    own = await web.store.pool.fetchval(
        "select organisation from accounts.post where account::text = $1", account
    )
    assert "/glass" not in _counts(browser)
    await _glass(web, f"o-{secrets.token_hex(4)}", _NOW + timedelta(days=1))
    await browser.get("/home")
    assert "/glass" not in _counts(browser)
    await _glass(web, own, _NOW + timedelta(days=1))
    await browser.get("/home")
    assert _counts(browser)["/glass"] == (1, "is-warn")
    everywhere = await glasses_waiting(web.store.pool, _NOW)
    assert everywhere.count >= 2


async def test_somebody_without_a_post_is_work_for_the_system_administrator(
    web: Web, application: Litestar
) -> None:
    nurse = await make(web, "nurse")
    [post] = (await posts_of(web.store.pool, [nurse.id]))[nurse.id]
    browser, _ = await _home(web, application, "system-administrator")
    href = "/administration/people?shown=no-post"
    before = _counts(browser).get(href, (0, ""))[0]
    await end_post(
        web.store.pool, web.gate.log, post.id, now=datetime.now(UTC), why="已离职", by=None
    )
    await browser.get("/home")
    assert _counts(browser)[href] == (before + 1, "is-warn")
    await browser.get(href)
    assert nurse.login in browser.last


async def test_ones_own_proposal_is_no_work_for_oneself(web: Web) -> None:
    number = await web.store.pool.fetchval("select max(number) from policy.version") or 0
    author, other = uuid4(), uuid4()
    await web.store.pool.execute(
        """insert into policy.version (number, kind, state, text, digest, why, proposed_by,
               proposed_name, proposed)
           values ($1, 'edit', 'proposed', 'x', 'x', 'x', $2, '钟诚', $3)""",
        number + 1, author, _NOW,
    )  # fmt: skip
    try:
        own = await proposals_waiting(web.store.pool, str(author))
        others = await proposals_waiting(web.store.pool, str(other))
        assert own[1] == 1
        assert others == (own[0] + 1, 0)
    finally:
        await web.store.pool.execute("delete from policy.version where number = $1", number + 1)
