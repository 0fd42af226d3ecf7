"""Organisations and people from a spreadsheet: first what would happen, then the word."""

import csv
import io
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.import_rows import SHEET_NAMES, Row
from minkang.accounts.offered_people import offer_rows, take_rows
from minkang.accounts.people_import import Line, Plan, PlanChanged, carry_out_import, plan_import
from minkang.accounts.people_template import template
from minkang.exchange.tables import TableFault
from minkang.web import people_words
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.people_file import LARGEST, rows_of
from minkang.web.visitor import Visitor

PAGE = "/administration/import"
MOST_NEW = 300
"""New accounts by page; each first password takes a twentieth of a second. More: command line."""

_SHOWN = 500
_BODY = LARGEST + 64 * 1024


@get(PAGE)
async def import_page(visitor: VisitorParameter) -> Response[Any]:
    """What is wanted of the file, and where it is sent."""
    await visitor.ask("manage-people", object_type="Import")
    return visitor.page("administration/import.html", plan=None, fault=None)


@get(f"{PAGE}/template")
async def import_template(visitor: VisitorParameter) -> Response[bytes]:
    """The workbook to fill in."""
    await visitor.ask("manage-people", object_type="Import", object_id="template")
    name = quote("机构和人员.xlsx")
    return Response(
        template(),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


@post(f"{PAGE}/check", request_max_body_size=_BODY)
async def import_check(visitor: VisitorParameter, request: Request[Any, Any, Any]) -> Response[Any]:
    """Read a file and say line by line what would be done; nothing is done."""
    await visitor.ask("manage-people", object_type="Import", object_id="check")
    sent = (await request.form()).get("file")
    raw = await sent.read() if isinstance(sent, UploadFile) else b""
    try:
        rows = rows_of(raw)
    except TableFault as fault:
        return visitor.page("administration/import.html", status=422, plan=None, fault=fault)
    return await _shown(visitor, rows)


@post(f"{PAGE}/apply")
async def import_apply(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Do what was shown; new accounts' first passwords are shown, this once."""
    await visitor.ask("manage-people", object_type="Import", object_id="apply")
    await visitor.confirmed(PAGE)
    web, own = visitor.web, visitor.account
    try:
        number = UUID(data.get("offered", ""))
    except ValueError:
        number = None
    offered = own and number and await take_rows(
        web.store.pool, number, account=own.id, now=visitor.now
    )  # fmt: skip
    if not offered:
        return visitor.page("administration/import.html", status=422, plan=None, fault=None,
                            gone=True)  # fmt: skip
    try:
        done = await carry_out_import(
            web.store.pool, web.gate.log, offered.rows, now=visitor.now, by=own,
            expected=offered.digest, address=visitor.address,
        )  # fmt: skip
    except PlanChanged:
        return await _shown(visitor, offered.rows, changed=True)
    await sync_directory(web.store)
    return visitor.page(
        "administration/import_done.html",
        counts=_counts(done.plan),
        passwords=done.passwords,
        table=_table([(one.login, one.name, one.password) for one in done.passwords]),
    )


async def _shown(visitor: Visitor, rows: list[Row], *, changed: bool = False) -> Response[Any]:
    """The plan, and if all of it can be done, the button."""
    pool, own = visitor.web.store.pool, visitor.account
    plan = await plan_import(pool, rows, now=visitor.now, by=own)
    too_many = len(plan.new_people) > MOST_NEW
    offered = None
    if own is not None and plan.changes and not plan.refused and not too_many:
        offered = await offer_rows(pool, rows, plan.digest, account=own.id, now=visitor.now)
    ordered = sorted(plan.lines, key=lambda line: line.what != "refused")
    return visitor.page(
        "administration/import.html",
        status=422 if plan.refused or too_many else 200,
        plan=plan,
        fault=None,
        counts=_counts(plan),
        lines=[_line(line, visitor) for line in ordered[:_SHOWN]],
        more=len(plan.lines) - _SHOWN,
        offered=offered,
        too_many=too_many,
        most=MOST_NEW,
        changed=changed,
    )


def _line(line: Line, visitor: Visitor) -> dict[str, Any]:
    words = people_words.reason(line.rule, visitor.say) if line.rule else ""
    return {
        "sheet": SHEET_NAMES[line.sheet],
        "number": line.number,
        "subject": line.subject,
        "what": line.what,
        "column": line.column,
        "rule": line.rule,
        "text": words,
        "about": line.about,
    }


def _counts(plan: Plan) -> dict[str, int]:
    return {
        what: sum(line.what == what for line in plan.lines)
        for what in ("make", "change", "end", "same", "refused")
    }


def _table(rows: list[tuple[str, str, str]]) -> str:
    """Logins and first passwords as lines to be copied or printed."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(rows)
    return out.getvalue()
