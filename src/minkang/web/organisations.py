"""Organisations for the system administrator: the tree, one of them, adding, changing, ending."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import AccountRefused, Organisation
from minkang.accounts.directory import Tree, read_tree
from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.organisation_kinds import KINDS, LEVELS
from minkang.accounts.organisations_change import (
    add_organisation,
    change_organisation,
    end_organisation,
)
from minkang.accounts.people import Wanted, list_people
from minkang.web import people_words
from minkang.web.login import Form
from minkang.web.meanwhile import Labels, conflict, was
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor

PAGE = "/administration/organisations"
_MOST = 200
_OPEN_AT_ONCE = 60
"""A tree of so few is shown whole; of a larger one the top, and what is opened."""

_COLUMNS = {
    "organisation-id-unsuitable": "id", "organisation-taken": "id", "name-unsuitable": "name",
    "kind-unknown": "kind", "level-unfit": "level", "parts-unfit": "level",
    "division-unsuitable": "division", "credit-code-unsuitable": "credit_code",
    "credit-code-taken": "credit_code",
}  # fmt: skip


@get(PAGE)
async def organisations_page(
    visitor: VisitorParameter, q: FromQuery[str] = "", within: FromQuery[str] = ""
) -> Response[Any]:
    """The tree, or what was looked for by name or code."""
    await visitor.ask("manage-organisations", object_type="Organization")
    tree = await read_tree(visitor.web.store.pool)
    text = q.strip()[:100]
    rows = _found(tree, text, visitor) if text else _lines(tree, within, visitor)
    return visitor.page(
        "administration/organisations.html",
        q=text,
        within=tree.get(within),
        way=_way(tree, within),
        rows=rows[:_MOST],
        more=len(rows) > _MOST,
        count=len(tree.all()),
    )


@get(f"{PAGE}/new")
async def organisation_new(visitor: VisitorParameter, parent: FromQuery[str] = "") -> Response[Any]:
    """The form of a new one."""
    await visitor.ask("manage-organisations", object_type="Organization")
    return await _form(visitor, None, {"parent": parent})


@post(f"{PAGE}/new")
async def organisation_add(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Make it."""
    await visitor.ask("manage-organisations", object_type="Organization")
    wanted = _typed(data, data.get("id", "").strip())
    try:
        await add_organisation(
            visitor.web.store.pool, visitor.web.gate.log, wanted,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _form(visitor, None, data, refused)
    await sync_directory(visitor.web.store, organisations=[wanted.id])
    return Redirect(f"{PAGE}/{quote(wanted.id)}?said=made", status_code=303)


@get(f"{PAGE}/{{organisation:str}}")
async def organisation_page(
    visitor: VisitorParameter, organisation: FromPath[str]
) -> Response[Any]:
    """One organisation: where it lies, who works there, its settings."""
    await visitor.ask(
        "manage-organisations", object_type="Organization", object_id=organisation[:64]
    )
    return await _page(visitor, organisation)


@post(f"{PAGE}/{{organisation:str}}")
async def organisation_change(
    visitor: VisitorParameter, organisation: FromPath[str], data: Form
) -> Response[Any]:
    """Change it; nothing is changed if a field is wrong."""
    await visitor.ask(
        "manage-organisations", object_type="Organization", object_id=organisation[:64]
    )
    try:
        await change_organisation(
            visitor.web.store.pool, visitor.web.gate.log, _typed(data, organisation),
            seen=_typed(before, organisation) if (before := was(data)) else None,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, organisation, data, refused)
    await sync_directory(visitor.web.store, organisations=[organisation])
    return Redirect(f"{PAGE}/{quote(organisation)}?said=saved", status_code=303)


@post(f"{PAGE}/{{organisation:str}}/end")
async def organisation_end(visitor: VisitorParameter, organisation: FromPath[str]) -> Response[Any]:
    """Close it: its posts end with it."""
    await visitor.ask(
        "manage-organisations", object_type="Organization", object_id=organisation[:64]
    )
    try:
        await end_organisation(
            visitor.web.store.pool, visitor.web.gate.log, organisation,
            now=visitor.now, by=visitor.account, address=visitor.address,
        )  # fmt: skip
    except AccountRefused as refused:
        return await _page(visitor, organisation, None, refused)
    await sync_directory(visitor.web.store, organisations=[organisation])
    return Redirect(f"{PAGE}/{quote(organisation)}?said=ended", status_code=303)


async def _page(
    visitor: Visitor,
    organisation: str,
    typed: dict[str, str] | None = None,
    refused: AccountRefused | None = None,
) -> Response[Any]:
    pool = visitor.web.store.pool
    tree = await read_tree(pool)
    found = tree.get(organisation)
    if found is None:
        raise NotFoundException
    people, more = await list_people(
        pool, Wanted(organisations=frozenset([organisation])), now=visitor.now, limit=20
    )
    lang = language_of(visitor.request)
    changed = refused is not None and refused.code == "changed-meanwhile"
    return visitor.page(
        "administration/organisation.html",
        status=409 if changed else 422 if refused else 200,
        organisation=found,
        now=_of(found),
        is_conflict=changed,
        conflict=conflict(typed or {}, _of(found), _labels(lang), visitor.say) if changed else (),
        way=_way(tree, organisation),
        parts=[_line(tree, one, visitor) for one in tree.below(organisation)],
        people=people,
        more_people=more is not None,
        kind=people_words.kind_words(found.kind, lang),
        said=visitor.request.query_params.get("said", ""),
        **_fields(visitor, typed or _of(found), refused),
    )


async def _form(
    visitor: Visitor,
    organisation: Organisation | None,
    typed: dict[str, str],
    refused: AccountRefused | None = None,
) -> Response[Any]:
    return visitor.page(
        "administration/organisation_new.html",
        status=422 if refused else 200,
        organisation=organisation,
        **_fields(visitor, typed, refused),
    )


def _fields(
    visitor: Visitor, typed: dict[str, str], refused: AccountRefused | None
) -> dict[str, Any]:
    lang = language_of(visitor.request)
    errors = {}
    problem = ""
    if refused is not None:
        problem = people_words.refusal(refused.code, refused.detail, visitor.say, lang)
        if refused.code != "changed-meanwhile":
            errors = {_COLUMNS.get(refused.code, "parent"): problem}
    return {
        "typed": typed,
        "errors": errors,
        "problem": problem,
        "kinds": [(key, people_words.kind_words(key, lang)) for key in KINDS],
        "levels": [(key, visitor.say(people_words.LEVELS[key])) for key in LEVELS],
    }


def _typed(data: dict[str, str], organisation: str) -> Organisation:
    """What a form says; wrong words are refused where it is checked."""
    level = data.get("level", "")
    return Organisation(
        id=organisation,
        name=data.get("name", "").strip(),
        kind=data.get("kind", ""),
        level=next((one for one in LEVELS if one == level), "institution"),
        parent=data.get("parent", "").strip() or None,
        division=data.get("division", "").strip() or None,
        credit_code=data.get("credit_code", "").strip() or None,
    )


def _of(found: Organisation) -> dict[str, str]:
    return {
        "name": found.name, "kind": found.kind, "level": found.level,
        "parent": found.parent or "", "division": found.division or "",
        "credit_code": found.credit_code or "",
    }  # fmt: skip


def _labels(lang: str) -> Labels:
    return {
        "name": (N_("名称"), {}),
        "kind": (N_("类型"), {key: people_words.kind_words(key, lang) for key in KINDS}),
        "level": (N_("层级"), people_words.LEVELS),
        "parent": (N_("上级机构编号"), {}),
        "division": (N_("行政区划代码"), {}),
        "credit_code": (N_("统一社会信用代码"), {}),
    }


def _line(tree: Tree, organisation: str, visitor: Visitor, depth: int = 0) -> dict[str, Any]:
    found = tree.get(organisation)
    kind = people_words.kind_words(found.kind, language_of(visitor.request)) if found else ""
    level = visitor.say(people_words.LEVELS[found.level]) if found else ""
    return {
        "id": organisation, "name": tree.name(organisation), "kind": kind, "level": level,
        "ended": bool(found and found.ends), "depth": depth,
        "parts": len(tree.within(organisation)) - 1,
        "above": [tree.name(one) for one in reversed(tree.above(organisation))],
    }  # fmt: skip


def _lines(tree: Tree, within: str, visitor: Visitor) -> list[dict[str, Any]]:
    """The tree below a place, in its order: the whole of it, or two steps of a large one."""
    deep = len(tree.within(within) if within else tree.all()) <= _OPEN_AT_ONCE
    found: list[dict[str, Any]] = []

    def add(organisation: str, depth: int) -> None:
        found.append(_line(tree, organisation, visitor, depth))
        if (deep or depth < 1) and len(found) <= _MOST:
            for child in _ordered(tree, organisation):
                add(child, depth + 1)

    for top in _ordered(tree, within or None):
        add(top, 0)
    return found


def _ordered(tree: Tree, organisation: str | None) -> list[str]:
    def place(one: str) -> tuple[int, str]:
        found = tree.get(one)
        return (LEVELS.index(found.level) if found else len(LEVELS), one)

    return sorted(tree.below(organisation), key=place)


def _found(tree: Tree, text: str, visitor: Visitor) -> list[dict[str, Any]]:
    low = text.lower()
    return [
        _line(tree, one.id, visitor)
        for one in tree.all()
        if low in one.name.lower()
        or low in one.id.lower()
        or low == (one.credit_code or "").lower()
    ]


def _way(tree: Tree, organisation: str) -> list[tuple[str, str]]:
    return [(one, tree.name(one)) for one in reversed(tree.above(organisation))]
