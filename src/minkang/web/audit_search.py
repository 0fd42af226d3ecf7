"""The audit administrator's search: any entry by person, actor, institution, action and time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from minkang.accounts import organisation_names
from minkang.accounts.account import account_by_login
from minkang.audit import Found, Sought, entries
from minkang.audit.looks import place_of
from minkang.audit.search import entry_at, neighbours
from minkang.fhir import local_reference
from minkang.identity import resident, resident_of_patient
from minkang.store import Scope
from minkang.web.audit_words import ACTIONS, shown_action, shown_entry
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_
from minkang.web.tables import Column, Value, address, file_of, table_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_PAGE = 50
_DAYS = 30
_LONGEST = 200
_EXPORTED = 10_000
_KINDS = {"refused": False, "allowed": True}


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the form asks for, as typed; empty is anything.

    Attributes:
        person: id of a Person, or `Patient/<id>`.
        actor: log-in or id of an account.
        kind: `refused`, `allowed`, `glass`.
        since, until: local time as `2026-11-22T08:00`.
    """

    person: str = ""
    actor: str = ""
    institution: str = ""
    action: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""

    @property
    def given(self) -> dict[str, str]:
        """Those that are not empty, for an address."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}


def filters_of(values: Mapping[str, str]) -> Filters:
    """The filters in an address or a form."""
    asked = {name: values.get(name, "").strip()[:_LONGEST] for name in Filters.__struct_fields__}
    return Filters(**{name: value.replace("\0", "") for name, value in asked.items()})


@get("/audit")
async def audit_page(visitor: VisitorParameter, request: Request[Any, Any, Any]) -> Response[Any]:
    """Entries, newest first; the last thirty days unless a time is given."""
    filters = filters_of(request.query_params)
    await visitor.ask("read-audit", object_type="AuditEntry", object_id=_about(filters))
    sought, unclear = await sought_of(visitor, filters)
    before = request.query_params.get("before") or None
    pool = visitor.web.store.pool
    try:
        found = await entries(pool, sought, limit=_PAGE, before=before) if sought else []
    except ValueError:
        found = []
    names = await organisation_names(pool)
    full = len(found) == _PAGE
    rows = [shown_entry(one, names, visitor.say) for one in found]
    return visitor.page(
        "audit/search.html",
        filters=filters,
        filtered=bool(filters.given),
        unclear=unclear,
        days=_DAYS,
        table=table_of(visitor, _columns(visitor), rows, more=full),
        institutions=sorted(names.items(), key=lambda one: one[1]),
        actions=[(code, visitor.say(words)) for code, words in ACTIONS.items()],
        more_href=address(request, before=found[-1].mark) if full else None,
        most=_EXPORTED,
    )


@get("/audit/entry/{mark:str}")
async def audit_entry(visitor: VisitorParameter, mark: FromPath[str]) -> Response[Any]:
    """One entry in full, and what its process wrote before and after it."""
    await visitor.ask("read-audit", object_type="AuditEntry", object_id=mark[:_LONGEST])
    pool = visitor.web.store.pool
    try:
        _, writer, seq = place_of(mark)
    except ValueError as error:
        raise NotFoundException from error
    found = await entry_at(pool, writer, seq)
    if found is None:
        raise NotFoundException
    names = await organisation_names(pool)
    return visitor.page(
        "audit/entry.html",
        seen=found,
        shown=shown_entry(found, names, visitor.say),
        what=shown_action(found.action, visitor.say),
        detail=msgspec.json.format(msgspec.json.encode(found.detail)).decode()
        if found.detail
        else "",
        around=[
            {**shown_entry(one, names, visitor.say), "seq": one.seq}
            for one in await neighbours(pool, writer, seq)
        ],
    )


@post("/audit/export")
async def audit_export(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """What the search finds as a table; that it was taken is an entry of its own."""
    filters = filters_of(data)
    await visitor.ask("export-audit", object_type="AuditEntry", object_id=_about(filters))
    sought, _ = await sought_of(visitor, filters)
    found = await entries(visitor.web.store.pool, sought, limit=_EXPORTED) if sought else []
    return file_of(visitor, _EXPORT, found, name="audit", kind=data.get("file", "csv"))


def _columns(visitor: Visitor) -> tuple[Column, ...]:
    """The columns of the page."""
    return (
        Column("at", N_("时间"), lambda one: one["at"]),
        Column("who", N_("操作人"), lambda one: one["who"]),
        Column("what", N_("操作"), lambda one: one["what"]),
        Column("object", N_("对象"), lambda one: one["object"]),
        Column("persons", N_("涉及居民"), lambda one: one["persons"], number=True),
        Column("outcome", N_("结果"), lambda one: visitor.say(_outcome(one))),
    )


def _outcome(one: Mapping[str, Any]) -> str:
    return N_("已拒绝") if not one["allowed"] else N_("紧急") if one["glass"] else N_("放行")


def _exported(name: str) -> Column:
    """A field of an entry under its own name, unworded: it may be compared with the log."""

    def of(one: Found) -> Value:
        value = getattr(one, name)
        if name == "at":
            return str(one.at.astimezone(UTC).isoformat())
        if name == "detail":
            return msgspec.json.encode(value).decode() if value else ""
        if name == "persons":
            return " ".join(one.persons)
        return "" if value is None else str(value)

    return Column(name, name, of)


_EXPORT = tuple(_exported(name) for name in Found.__struct_fields__ if name != "mark")


async def sought_of(visitor: Visitor, filters: Filters) -> tuple[Sought | None, str]:
    """What to look for; None and the name of the field if one can't be understood."""
    since = visitor.now - timedelta(days=_DAYS) if not filters.person else None
    until: datetime | None = None
    if filters.since and (since := _moment(filters.since)) is None:
        return None, "since"
    if filters.until and (until := _moment(filters.until)) is None:
        return None, "until"
    return Sought(
        persons=await _names_of(visitor, filters.person),
        account=await _account(visitor, filters.actor),
        organisation=filters.institution or None,
        action=filters.action or None,
        purpose="emergency" if filters.kind == "glass" else None,
        since=since,
        until=until,
        allowed=_KINDS.get(filters.kind),
    ), ""


async def _names_of(visitor: Visitor, person: str) -> tuple[str, ...]:
    """All names by which entries may name a resident."""
    if not person:
        return ()
    store = visitor.web.store
    if person.startswith("Patient/"):
        place = local_reference({"reference": person})
        found = await resident_of_patient(store, Scope.whole(), place[1]) if place else None
    else:
        found = await resident(store, Scope.whole(), person)
    if found is None:
        return (person,)
    return (found.person, *(f"Patient/{one}" for one in sorted(found.patients)))


async def _account(visitor: Visitor, actor: str) -> str | None:
    if not actor:
        return None
    found = await account_by_login(visitor.web.store.pool, actor)
    return found.id if found else actor


def _about(filters: Filters) -> str:
    """What was looked for, for the entry about it."""
    return "?" + "&".join(f"{name}={value}" for name, value in filters.given.items())


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        return None
