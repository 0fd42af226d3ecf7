"""One person for the system administrator: details, lock, sessions, posts given and ended."""

from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import AccountRefused, end_all_sessions, set_disabled
from minkang.accounts.failures import is_locked
from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.people import change_details, one_person, roles_held
from minkang.accounts.post_steps import NewPost
from minkang.accounts.posts import end_post, give_post, posts_of
from minkang.accounts.roles import ADMINISTRATORS, conflict
from minkang.fhir.dates import LOCAL
from minkang.web import people_words
from minkang.web.login import Form
from minkang.web.meanwhile import Labels, was
from minkang.web.meanwhile import conflict as meanwhile
from minkang.web.parameters import VisitorParameter
from minkang.web.people import GIVEN, PAGE, details_of, errors_of, post_choices
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor

_LABELS: Labels = {
    "name": (N_("姓名"), {}),
    "staff_code": (N_("人员编号"), {}),
    "licence": (N_("执业证书编码"), {}),
    "phone": (N_("工作电话"), {}),
    "sex": (N_("性别"), {"": N_("不填"), "male": N_("男"), "female": N_("女")}),
}


@get(f"{PAGE}/{{account:str}}")
async def person_page(visitor: VisitorParameter, account: FromPath[str]) -> Response[Any]:
    """Everything about an account."""
    await visitor.ask("manage-people", object_type="Account", object_id=account[:64])
    return await _page(visitor, account)


@post(f"{PAGE}/{{account:str}}")
async def person_change(
    visitor: VisitorParameter, account: FromPath[str], data: Form
) -> Response[Any]:
    """Change name, numbers, telephone."""
    await visitor.ask("manage-people", object_type="Account", object_id=account[:64])
    details = details_of(data)
    try:
        await change_details(
            visitor.web.store.pool, visitor.web.gate.log, account, details,
            seen=details_of(before) if (before := was(data)) else None,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, account, refused, typed=data)
    return await _done(visitor, account, "saved")


@post(f"{PAGE}/{{account:str}}/state")
async def person_state(
    visitor: VisitorParameter, account: FromPath[str], data: Form
) -> Response[Any]:
    """Disable the account, which ends its sessions, or enable it again."""
    await visitor.ask("manage-people", object_type="Account", object_id=account[:64])
    try:
        if visitor.account is not None and visitor.account.id == account:
            raise AccountRefused("own-account")  # noqa: TRY301 - answered like those below
        await set_disabled(
            visitor.web.store.pool, visitor.web.gate.log, account,
            disabled=data.get("disabled") == "on", now=visitor.now, by=visitor.account,
            address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, account, refused)
    return await _done(visitor, account, "saved")


@post(f"{PAGE}/{{account:str}}/sessions")
async def person_sessions(visitor: VisitorParameter, account: FromPath[str]) -> Response[Any]:
    """End all sessions of the account, everywhere."""
    await visitor.ask("end-sessions", object_type="Account", object_id=account[:64])
    try:
        await end_all_sessions(
            visitor.web.store.pool, visitor.web.gate.log, account,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, account, refused)
    return await _done(visitor, account, "sessions-ended")


@post(f"{PAGE}/{{account:str}}/posts")
async def person_give(
    visitor: VisitorParameter, account: FromPath[str], data: Form
) -> Response[Any]:
    """Give a further post."""
    await visitor.ask("manage-people", object_type="Account", object_id=account[:64])
    await visitor.confirmed(f"{PAGE}/{account}")
    try:
        given = NewPost(
            role=data.get("role", ""),
            organisation=data.get("organisation") or None,
            department=data.get("department", "").strip(),
            title=data.get("title", "").strip(),
            begins=_first(data.get("begins", "")),
            ends=_after(data.get("ends", "")),
        )
        await give_post(
            visitor.web.store.pool, visitor.web.gate.log, account, given,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, account, refused, typed=data)
    return await _done(visitor, account, "post-given")


@post(f"{PAGE}/{{account:str}}/posts/end")
async def person_end(
    visitor: VisitorParameter, account: FromPath[str], data: Form
) -> Response[Any]:
    """End a post of this account, now or after its last day."""
    await visitor.ask("manage-people", object_type="Account", object_id=account[:64])
    try:
        own = (await posts_of(visitor.web.store.pool, [account])).get(account, [])
        if data.get("post") not in {one.id for one in own}:
            raise AccountRefused("post-unknown")  # noqa: TRY301 - answered like those below
        last = _after(data.get("ends", ""))
        await end_post(
            visitor.web.store.pool, visitor.web.gate.log, data["post"], now=visitor.now,
            ends=None if last is None else max(last, visitor.now),
            why=data.get("why", "").strip(), by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, account, refused)
    return await _done(visitor, account, "post-ended")


async def _done(visitor: Visitor, account: str, said: str) -> Redirect:
    await sync_directory(visitor.web.store, accounts=[account])
    return Redirect(f"{PAGE}/{account}?said={said}", status_code=303)


async def _page(
    visitor: Visitor,
    account: str,
    refused: AccountRefused | None = None,
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    web = visitor.web
    try:
        person = await one_person(web.store.pool, account, now=visitor.now)
    except AccountRefused as error:
        raise NotFoundException from error
    posts = (await posts_of(web.store.pool, [account]))[person.id]
    held = await roles_held(web.store.pool, account, now=visitor.now)
    lang = language_of(visitor.request)
    choices = await post_choices(visitor)
    changed = refused is not None and refused.code == "changed-meanwhile"
    now = msgspec.structs.asdict(person.details)
    return visitor.page(
        "administration/person.html",
        status=409 if changed else 422 if refused else 200,
        person=person,
        now=now,
        is_conflict=changed,
        conflict=meanwhile(typed or {}, now, _LABELS, visitor.say) if changed else (),
        posts=[{"post": one, "state": _state(one.begins, one.ends, visitor.now)} for one in posts],
        locked=await is_locked(web.store.pool, web.keys, person.login, now=visitor.now),
        administrator=bool(held & ADMINISTRATORS),
        own=visitor.account is not None and visitor.account.id == person.id,
        barred=[
            (people_words.role_words(key, lang), people_words.role_words(found[0], lang))
            for key in GIVEN
            if (found := conflict(key, held)) is not None
        ],
        typed=typed or {},
        said=visitor.request.query_params.get("said", ""),
        **errors_of(visitor, refused),
        **choices,
    )


def _state(begins: datetime, ends: datetime | None, now: datetime) -> str:
    if ends is not None and ends <= now:
        return "ended"
    return "coming" if begins > now else "held"


def _first(text: str) -> datetime | None:
    """The beginning of a day."""
    if not text:
        return None
    try:
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), LOCAL)  # noqa: DTZ007 - only its day
    except ValueError as error:
        raise AccountRefused("dates-unsuitable") from error


def _after(text: str) -> datetime | None:
    """The end of a day."""
    first = _first(text)
    return None if first is None else first + timedelta(days=1)
