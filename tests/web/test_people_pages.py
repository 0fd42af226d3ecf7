"""The system administrator's pages, and everybody's home, over the application itself."""

import re
import secrets
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from html import unescape
from io import BytesIO

import argon2
import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning
from lxml.html import fromstring
from openpyxl import load_workbook

from minkang.accounts import Account, create_account, passwords
from minkang.accounts.organisations import Organisation
from minkang.accounts.organisations_change import add_organisation
from minkang.accounts.post_steps import NewPost
from minkang.accounts.posts import give_post, posts_of
from minkang.app.web import application_of
from minkang.store import Scope, read
from minkang.web import Web

PASSWORD = "correct horse 电池"
HOSPITAL = "MK-TEST-HOSPITAL"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    passwords._nobodys_hash.cache_clear()
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture(scope="module")
def application(web: Web) -> Litestar:
    """Administrators log in by password alone: second factors have tests of their own."""
    login = msgspec.structs.replace(web.settings.login, second_factor_roles=())
    settings = msgspec.structs.replace(web.settings, login=login)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        return application_of(msgspec.structs.replace(web, settings=settings))


class Browser:
    """Somebody at a browser: keeps cookies, sends a form with the token of its page."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> Response:
        return await self.client.get(path)

    async def send(self, path: str, data: dict[str, str], **more: object) -> Response:
        page = await self.client.get(
            "/login" if "minkang" not in str(self.client.cookies) else "/home"
        )
        token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
        assert token
        return await self.client.post(path, data={"_csrf_token": token[1], **data}, **more)  # type: ignore[arg-type]

    async def log_in(self, login: str, password: str = PASSWORD) -> Response:
        return await self.send("/login", {"login": login, "password": password})


@pytest_asyncio.fixture(loop_scope="session")
async def browser(application: Litestar) -> AsyncIterator[Browser]:
    transport = ASGITransport(application)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="https://minkang.test") as client:
        yield Browser(client)


@pytest_asyncio.fixture(loop_scope="session")
async def hospital(web: Web) -> str:
    if await web.store.pool.fetchval("select 1 from accounts.organisation where id = $1", HOSPITAL):
        return HOSPITAL
    made = Organisation(HOSPITAL, "测试医院", "hospital")
    await add_organisation(web.store.pool, web.gate.log, made, now=datetime.now(UTC))
    return HOSPITAL


async def somebody(web: Web, role: str, organisation: str | None = None) -> Account:
    return await create_account(
        web.store.pool, web.gate.log, login=f"{role[:6]}{secrets.token_hex(3)}", name="某人甲",
        role=role, password=PASSWORD, now=datetime.now(UTC), organisation=organisation,
    )  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def administrator(web: Web, browser: Browser, hospital: str) -> Browser:
    """A system administrator who has logged in."""
    del hospital
    account = await somebody(web, "system-administrator")
    answer = await browser.log_in(account.login)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/home"
    return browser


def words(page: Response) -> str:
    assert page.status_code in (200, 409, 422), page.text
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


async def test_an_organisation_is_made_changed_and_ended(
    administrator: Browser, web: Web, hospital: str
) -> None:
    key = f"MK-{secrets.token_hex(4)}"
    form = {"id": key, "name": "心内科", "kind": "department", "level": "department"}
    path = "/administration/organisations"
    refused = await administrator.send(f"{path}/new", form)
    assert refused.status_code == 422
    assert "科室和团队必须属于一个上级" in words(refused)
    made = await administrator.send(f"{path}/new", {**form, "parent": hospital})
    assert made.headers["location"] == f"{path}/{key}?said=made"
    page = words(await administrator.get(f"{path}/{key}"))
    assert "心内科" in page
    assert "测试医院" in page
    stored = await read(web.store, Scope.whole(), "Organization", key)
    assert stored is not None
    assert stored.resource["partOf"] == {"reference": f"Organization/{hospital}"}
    await administrator.send(f"{path}/{key}", {**form, "parent": hospital, "name": "心血管内科"})
    assert "心血管内科" in words(await administrator.get(f"{path}?q={key}"))
    assert "心血管内科" in words(await administrator.get(f"{path}?within={hospital}"))
    await administrator.send(f"{path}/{key}/end", {})
    assert "已停用" in words(await administrator.get(f"{path}/{key}"))
    stored = await read(web.store, Scope.whole(), "Organization", key)
    assert stored is not None
    assert stored.resource["active"] is False


def shown(page: Response, field: str) -> dict[str, str]:
    """The form that has this field, with what stands in it and hidden behind it."""
    (form,) = (
        one for one in fromstring(page.text).forms if field in one.fields and one.method == "POST"
    )
    return {name: value or "" for name, value in form.form_values()}


async def test_of_two_administrators_with_one_person_open_the_second_is_told(
    administrator: Browser, web: Web, hospital: str
) -> None:
    path = f"/administration/people/{(await somebody(web, 'doctor', hospital)).id}"
    first = shown(await administrator.get(path), "licence")
    second = dict(first)
    saved = await administrator.send(path, {**first, "phone": "0535-1111111"})
    assert saved.headers["location"] == f"{path}?said=saved"
    told = await administrator.send(path, {**second, "phone": "0535-2222222"})
    assert told.status_code == 409
    assert "工作电话 0535-2222222 0535-1111111" in words(told)
    again = shown(told, "licence")
    assert again["phone"] == "0535-2222222", "what was typed stays"
    assert shown(await administrator.get(path), "licence")["phone"] == "0535-1111111"
    saved = await administrator.send(path, again)
    assert saved.headers["location"] == f"{path}?said=saved"
    assert shown(await administrator.get(path), "licence")["phone"] == "0535-2222222"


async def test_of_two_with_one_organisation_open_the_second_is_told(
    administrator: Browser, hospital: str
) -> None:
    key = f"MK-{secrets.token_hex(4)}"
    path = f"/administration/organisations/{key}"
    form = {"id": key, "name": "康复科", "kind": "department", "level": "department"}
    await administrator.send("/administration/organisations/new", {**form, "parent": hospital})
    first = shown(await administrator.get(path), "division")
    await administrator.send(path, {**first, "name": "康复医学科"})
    told = await administrator.send(path, {**first, "name": "康复中心", "division": "371002"})
    assert told.status_code == 409
    assert "名称 康复中心 康复医学科" in words(told)
    assert "行政区划代码 371002 —" in words(told)
    assert shown(await administrator.get(path), "division")["name"] == "康复医学科"


async def test_a_person_is_made_with_a_password_shown_once_that_must_be_changed(
    administrator: Browser, web: Web, hospital: str, application: Litestar
) -> None:
    login = f"wang{secrets.token_hex(3)}"
    form = {"login": login, "name": "王小明", "role": "doctor", "organisation": hospital,
            "staff_code": f"S{login}"}  # fmt: skip
    made = await administrator.send("/administration/people/new", form)
    assert made.status_code == 200, made.text
    password = re.search(r"初始密码</dt><dd[^>]*>([^<]+)<", made.text)
    account = re.search(r"/administration/people/([0-9a-f-]{36})", made.text)
    assert password
    assert account
    assert made.headers["cache-control"] == "no-store"
    page = await administrator.get(f"/administration/people/{account[1]}")
    assert password[1] not in page.text
    assert "下次登录必须修改" in words(page)
    assert await read(web.store, Scope.whole(), "Practitioner", account[1]) is not None
    transport = ASGITransport(application)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="https://minkang.test") as client:
        answer = await Browser(client).log_in(login, password[1])
        assert answer.headers["location"].startswith("/login/password")
    again = await administrator.send("/administration/people/new", form)
    assert again.status_code == 422
    assert "这个登录名已经有人在用" in words(again)


@pytest.mark.parametrize("role", ["security-administrator", "system", "resident", "wizard"])
async def test_a_page_makes_no_administrator_program_or_resident(
    administrator: Browser, web: Web, hospital: str, role: str
) -> None:
    login = f"x{secrets.token_hex(3)}"
    form = {"login": login, "name": "某人", "role": role, "organisation": hospital}
    answer = await administrator.send("/administration/people/new", form)
    assert answer.status_code == 422
    known = await web.store.pool.fetchval(
        "select count(*) from accounts.account where login_key = $1", login
    )
    assert known == 0


async def test_posts_are_given_and_ended_and_the_session_ends_with_them(
    administrator: Browser, web: Web, hospital: str, application: Litestar
) -> None:
    doctor = await somebody(web, "doctor", hospital)
    path = f"/administration/people/{doctor.id}"
    given = await administrator.send(
        f"{path}/posts", {"role": "gp", "organisation": hospital, "title": "组长"}
    )
    assert given.headers["location"] == f"{path}?said=post-given"
    transport = ASGITransport(application)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="https://minkang.test") as client:
        at_work = Browser(client)
        await at_work.log_in(doctor.login)
        assert (await at_work.get("/doctor")).status_code == 200
        page = words(await administrator.get(path))
        assert "登录中的会话 1" in page
        assert "组长" in page
        for post in (await posts_of(web.store.pool, [doctor.id]))[doctor.id]:
            done = await administrator.send(f"{path}/posts/end", {"post": post.id, "why": "离职"})
            assert done.headers["location"] == f"{path}?said=post-ended"
        assert (await at_work.get("/doctor")).status_code == 303
    assert "离职" in words(await administrator.get(path))
    stored = await read(web.store, Scope.whole(), "Practitioner", doctor.id)
    assert stored is not None
    assert stored.resource["active"] is False


async def test_an_account_is_disabled_and_its_sessions_are_ended(
    administrator: Browser, web: Web, hospital: str
) -> None:
    doctor = await somebody(web, "doctor", hospital)
    path = f"/administration/people/{doctor.id}"
    await administrator.send(f"{path}/state", {"disabled": "on"})
    page = await administrator.get(path)
    assert "启用账号" in words(page)
    assert "在各处退出登录" not in words(page)
    answer = await administrator.send(f"{path}/sessions", {})
    assert answer.headers["location"] == f"{path}?said=sessions-ended"
    assert "已停用" in words(await administrator.get(f"/administration/people?q={doctor.login}"))


async def test_nobody_works_on_the_own_account_or_on_another_administrators(
    administrator: Browser, web: Web, hospital: str
) -> None:
    own = await web.store.pool.fetchval(
        """select s.account::text from accounts.session s
           where s.ended is null order by s.created desc limit 1"""
    )
    answer = await administrator.send(f"/administration/people/{own}/state", {"disabled": "on"})
    assert answer.status_code == 422
    assert "请另一位系统管理员来做" in words(answer)
    other = await somebody(web, "audit-administrator")
    page = words(await administrator.get(f"/administration/people/{other.id}"))
    assert "只能由运维人员用命令行处理" in page
    assert "重设密码的链接" not in page
    link = await administrator.send(f"/administration/people/{other.id}/recovery-link", {})
    assert "/recover/" not in link.text
    given = await administrator.send(
        f"/administration/people/{other.id}/posts", {"role": "doctor", "organisation": hospital}
    )
    assert given.status_code == 422
    assert "三员分立" in words(given)


async def test_what_is_sent_along_beside_the_form_changes_nothing(
    administrator: Browser, web: Web, hospital: str
) -> None:
    doctor = await somebody(web, "doctor", hospital)
    await administrator.send(
        f"/administration/people/{doctor.id}",
        {"name": "新名字", "role": "security-administrator", "login": "root", "person": "p1",
         "disabled": "true", "must_change": "false", "service": "true"},
    )  # fmt: skip
    row = await web.store.pool.fetchrow(
        "select login, name, person, disabled, service from accounts.account where id = $1::uuid",
        doctor.id,
    )
    assert row is not None
    assert dict(row) == {
        "login": doctor.login, "name": "新名字", "person": None, "disabled": False,
        "service": False,
    }  # fmt: skip
    assert len((await posts_of(web.store.pool, [doctor.id]))[doctor.id]) == 1


async def test_lists_and_roles_are_shown(administrator: Browser, web: Web, hospital: str) -> None:
    nurse = await somebody(web, "nurse", hospital)
    for query in (
        f"q={nurse.login}",
        "role=nurse",
        f"org={hospital}&role=nurse",
        "shown=open&role=nurse",
    ):
        assert nurse.login in (await administrator.get(f"/administration/people?{query}")).text
    for query in ("role=doctor", "shown=disabled", "q=nobody-at-all", "org=nowhere&role=cdc"):
        assert nurse.login not in (await administrator.get(f"/administration/people?{query}")).text
    roles = words(await administrator.get("/administration/roles"))
    assert "乡村医生" in roles
    assert "其他任何角色" in roles
    assert (await administrator.get("/administration/people/nothing")).status_code == 404
    assert (await administrator.get("/administration/organisations/nothing")).status_code == 404


async def test_a_file_is_checked_first_and_then_carried_out_once(
    administrator: Browser, web: Web, hospital: str
) -> None:
    login = f"li{secrets.token_hex(3)}"
    csv = f"登录名,姓名,角色,机构编号\n{login},李四,护士,{hospital}\n"
    files = {"file": ("people.csv", csv.encode(), "text/csv")}
    shown = await administrator.send("/administration/import/check", {}, files=files)
    assert "新建 1，修改 0，结束 0，不变 0" in words(shown)
    known = "select count(*) from accounts.account where login_key = $1"
    assert await web.store.pool.fetchval(known, login) == 0
    offered = re.search(r'name="offered" value="([^"]+)"', shown.text)
    assert offered
    done = await administrator.send("/administration/import/apply", {"offered": offered[1]})
    assert "初始密码只显示这一次" in words(done)
    assert await web.store.pool.fetchval(known, login) == 1
    again = await administrator.send("/administration/import/apply", {"offered": offered[1]})
    assert again.status_code == 422
    assert "已经用过" in words(again)
    same = await administrator.send("/administration/import/check", {}, files=files)
    assert "没有要做的事" in words(same)


async def test_a_wrong_row_is_shown_with_column_and_rule_and_nothing_is_offered(
    administrator: Browser, hospital: str
) -> None:
    csv = f"登录名,姓名,角色,机构编号\nzhao,赵六,飞行员,{hospital}\nqian,=1+1,护士,{hospital}\n"
    files = {"file": ("people.csv", csv.encode("gb18030"), "text/csv")}
    shown = await administrator.send("/administration/import/check", {}, files=files)
    assert shown.status_code == 422
    text = words(shown)
    assert "2 行不行" in text
    for said in ("unknown-word", "飞行员", "formula", "角色", "姓名"):
        assert said in text
    assert 'name="offered"' not in shown.text
    nothing = await administrator.send(
        "/administration/import/check", {}, files={"file": ("x.csv", b"a,b\n1,2\n", "text/csv")}
    )
    assert nothing.status_code == 422
    assert "第一行的列名要和模板一样" in words(nothing)


async def test_the_template_is_a_workbook_that_brings_in_nothing(administrator: Browser) -> None:
    got = await administrator.get("/administration/import/template")
    book = load_workbook(BytesIO(got.content))
    assert {"机构", "人员", "说明"} <= set(book.sheetnames)
    files = {"file": ("t.xlsx", got.content, "application/octet-stream")}
    shown = await administrator.send("/administration/import/check", {}, files=files)
    assert "没有要做的事" in words(shown)


async def test_home_shows_the_posts_and_changes_between_them(
    browser: Browser, web: Web, hospital: str
) -> None:
    planner = await somebody(web, "planner", hospital)
    second = await give_post(
        web.store.pool, web.gate.log, planner.id,
        NewPost(role="doctor", organisation=hospital), now=datetime.now(UTC),
    )  # fmt: skip
    answer = await browser.log_in(planner.login)
    assert answer.headers["location"] == "/home"
    page = words(await browser.get("/home"))
    assert "规划人员" in page
    assert "当前岗位" in page
    assert "查找居民" not in page
    wrong = await browser.send("/home/post", {"post": secrets.token_hex(16)})
    assert wrong.status_code == 422
    switched = await browser.send("/home/post", {"post": second})
    assert switched.headers["location"] == "/doctor"
    assert (await browser.get("/doctor")).status_code == 200


@pytest.mark.parametrize("role", ["doctor", "security-administrator", "audit-administrator", "cdc"])
async def test_the_pages_are_the_system_administrators_alone(
    browser: Browser, web: Web, hospital: str, role: str
) -> None:
    account = await somebody(web, role, hospital)
    await browser.log_in(account.login)
    for path in ("organisations", "organisations/new", "people", "people/new", "roles", "import"):
        answer = await browser.get(f"/administration/{path}")
        assert answer.status_code == 403, path
    assert (await browser.get("/home")).status_code == 200
