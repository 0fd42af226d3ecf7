"""People for the system administrator: the list, a new account, roles as a table."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery

from minkang.accounts import AccountRefused, create_account
from minkang.accounts.directory import read_tree
from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.initial_password import initial_password
from minkang.accounts.people import (
    Details,
    Listed,
    State,
    Wanted,
    change_details,
    details_problem,
    list_people,
)
from minkang.accounts.post_steps import NewPost, check_post
from minkang.accounts.roles import ADMINISTRATORS, BY_KEY, MACHINES
from minkang.web import people_words
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_, language_of
from minkang.web.tables import MOST_ROWS, Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor

PAGE = "/administration/people"
STATES: tuple[State, ...] = ("open", "disabled", "no-post")
GIVEN = tuple(
    key for key, role in BY_KEY.items()
    if key not in ADMINISTRATORS | MACHINES and role.kind != "resident"
)  # fmt: skip
"""Roles that a page gives: the others come by command line, by registration, by the resident."""

_FIELDS = {
    "name-unsuitable": "name", "login-unsuitable": "login", "login-taken": "login",
    "staff-code-unsuitable": "staff_code", "staff-code-taken": "staff_code",
    "licence-unsuitable": "licence", "licence-taken": "licence", "phone-unsuitable": "phone",
    "sex-unsuitable": "sex", "role-unknown": "role", "role-needed": "role",
    "roles-apart": "role", "operator-only": "role", "role-of-machines": "role",
    "person-needed": "role", "post-held": "role", "organisation-needed": "organisation",
    "organisation-unknown": "organisation", "organisation-ended": "organisation",
    "dates-unsuitable": "ends", "text-unsuitable": "title",
}  # fmt: skip


@get(PAGE)
async def people_page(
    visitor: VisitorParameter,
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    org: FromQuery[str] = "",
    shown: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Accounts with their posts, found by name, login, role, organisation (with all below it)."""
    await visitor.ask("manage-people", object_type="Account")
    tree = await read_tree(visitor.web.store.pool)
    known = org if tree.get(org) else ""
    wanted = Wanted(
        text=q[:100],
        role=role if role in BY_KEY else "",
        organisations=tree.within(known) if known else None,
        state=next((one for one in STATES if one == shown), ""),
        after=after[:200],
    )
    lang = language_of(visitor.request)
    columns = _columns(visitor, lang)
    if kind := file_wanted(visitor.request):
        await visitor.ask("manage-people", object_type="Account", object_id=f"table.{kind}")
        every = msgspec.structs.replace(wanted, after="")
        listed, _ = await list_people(
            visitor.web.store.pool, every, now=visitor.now, limit=MOST_ROWS
        )
        return file_of(visitor, columns, listed, name="people", kind=kind)
    people, more = await list_people(visitor.web.store.pool, wanted, now=visitor.now)
    chosen = {"q": wanted.text, "role": wanted.role, "org": known, "shown": wanted.state}
    return visitor.page(
        "administration/people.html",
        table=table_of(visitor, columns, people, more=more is not None),
        chosen=chosen,
        organisation=tree.name(known) if known else "",
        role_choices=[(key, people_words.role_words(key, lang)) for key in BY_KEY
                      if key not in MACHINES],
        more=address(visitor.request, after=more) if more else None,
    )  # fmt: skip


def _columns(visitor: Visitor, lang: str) -> tuple[Column, ...]:
    """The columns of the list, as the page and the files show them."""
    return (
        Column("name", N_("姓名"), lambda one: one.name),
        Column("login", N_("登录名"), lambda one: one.login),
        Column("roles", N_("角色"), lambda one: "、".join(
            people_words.role_words(role, lang) for role in one.roles)),
        Column("organisations", N_("机构"), lambda one: "、".join(one.organisations)),
        Column("state", N_("状态"), lambda one: visitor.say(_state_of(one))),
    )  # fmt: skip


def _state_of(one: Listed) -> str:
    return N_("已停用") if one.disabled else N_("在岗") if one.roles else N_("没有岗位")


@get(f"{PAGE}/new")
async def person_new(visitor: VisitorParameter, org: FromQuery[str] = "") -> Response[Any]:
    """The form of a new account."""
    await visitor.ask("manage-people", object_type="Account")
    return await _form(visitor, {"organisation": org})


@post(f"{PAGE}/new")
async def person_add(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Make it, and show its first password, this once."""
    await visitor.ask("manage-people", object_type="Account")
    await visitor.confirmed(f"{PAGE}/new")
    typed = {name: text.strip() for name, text in data.items()}
    details = details_of(typed)
    organisation = typed.get("organisation") or None
    post = NewPost(role=typed.get("role", ""), organisation=organisation)
    web, password = visitor.web, initial_password()
    try:
        if (problem := details_problem(details)) is not None:
            raise AccountRefused(problem)  # noqa: TRY301 - answered like those raised below
        check_post(post, visitor.now, visitor.now, visitor.account, None)
        account = await create_account(
            web.store.pool, web.gate.log, login=typed.get("login", ""), name=details.name,
            role=post.role, password=password, now=visitor.now, organisation=organisation,
            by=visitor.account, address=visitor.address, must_change=True,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _form(visitor, typed, refused)
    taken = ""
    try:
        await change_details(
            web.store.pool, web.gate.log, account.id, details,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        taken = people_words.reason(refused.code, visitor.say)
    await sync_directory(web.store, accounts=[account.id])
    return visitor.page(
        "administration/person_made.html", account_made=account, password=password, taken=taken
    )


@get("/administration/roles")
async def roles_page(visitor: VisitorParameter) -> Response[Any]:
    """What each role is for, and which nobody holds together."""
    await visitor.ask("manage-people", object_type="Role")
    lang = language_of(visitor.request)
    counts = await visitor.web.store.pool.fetch(
        """
        select role, count(distinct id)::int as people from accounts.acting($1)
        where not disabled group by role
        """,
        visitor.now,
    )
    held = {row["role"]: row["people"] for row in counts}
    chinese = lang == "zh-CN"
    return visitor.page(
        "administration/roles.html",
        rows=[
            {
                "key": key,
                "name": people_words.role_words(key, lang),
                "what": role.what_zh if chinese else role.what_en,
                "kind": role.kind,
                "home": role.home,
                "people": held.get(key, 0),
                "apart": [
                    people_words.role_words(one, lang)
                    for one in BY_KEY
                    if one in people_words.apart_from(key)
                ],
            }
            for key, role in BY_KEY.items()
        ],
    )


def details_of(typed: dict[str, str]) -> Details:
    """What a form says of a person."""
    return Details(
        name=typed.get("name", "").strip(),
        staff_code=typed.get("staff_code", "").strip(),
        licence=typed.get("licence", "").strip(),
        sex=typed.get("sex", ""),
        phone=typed.get("phone", "").strip(),
    )


def errors_of(visitor: Visitor, refused: AccountRefused | None) -> dict[str, Any]:
    """`problem` in words and the field that it stands at."""
    if refused is None:
        return {"errors": {}, "problem": ""}
    lang = language_of(visitor.request)
    problem = people_words.refusal(refused.code, refused.detail, visitor.say, lang)
    field = _FIELDS.get(refused.code)
    return {"errors": {field: problem} if field else {}, "problem": problem}


async def post_choices(visitor: Visitor) -> dict[str, Any]:
    """Roles and organisations to choose from."""
    tree = await read_tree(visitor.web.store.pool)
    lang = language_of(visitor.request)
    return {
        "role_choices": [(key, people_words.role_words(key, lang)) for key in GIVEN],
        "organisations": [
            (one.id, " / ".join([*(tree.name(a) for a in reversed(tree.above(one.id))), one.name]))
            for one in tree.all()
            if one.ends is None
        ],
    }


async def _form(
    visitor: Visitor, typed: dict[str, str], refused: AccountRefused | None = None
) -> Response[Any]:
    return visitor.page(
        "administration/person_new.html",
        status=422 if refused else 200,
        typed=typed,
        **errors_of(visitor, refused),
        **await post_choices(visitor),
    )
