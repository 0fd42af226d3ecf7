"""The map of a source as a file: taken away to be filled in, and brought back by way of a check."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from minkang.exchange import Source, sources
from minkang.fhir import Problem, Refused
from minkang.terminology import decided, map_codes, queue, systems_of
from minkang.terminology.map_table import MOST_LINES, Table, read_table, table_of
from minkang.terminology.offered_map import offer_map, take_offered
from minkang.terminology.source_map import checked_meanings
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor

_LARGEST = 8 * 1024 * 1024
_PROBLEMS_SHOWN = 200

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/codes/table")
async def codes_table(
    web: WebParameter, visitor: VisitorParameter, source: FromQuery[str] = ""
) -> Response[Any]:
    """All codes of a source as CSV: what waits first, then what was decided on."""
    await visitor.ask("map-codes", object_type="codes", object_id=source)
    await _source(web, source)
    async with web.store.pool.acquire() as connection:
        waiting = await queue(connection, source=source, limit=MOST_LINES)
        done = await decided(connection, source=source, limit=MOST_LINES)
    name = quote(f"{source}-codes.csv")
    return Response(
        table_of([*waiting, *done]),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


@post("/centre/codes/check", request_max_body_size=_LARGEST)
async def codes_check(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Read a table and say what it would change and which lines are wrong; nothing is changed."""
    data = await request.form()
    source = str(data.get("source", ""))
    await visitor.ask("map-codes", object_type="codes", object_id=source)
    of = await _source(web, source)
    sent = data.get("file")
    table = read_table(
        await sent.read() if isinstance(sent, UploadFile) else b"", systems_of(source)
    )
    problems = [*table.problems, *await _wrong_targets(web, table)]
    offered = None
    if table.meanings and not problems:
        async with web.store.pool.acquire() as connection:
            offered = await offer_map(
                connection, source, table.meanings, by=_name(visitor), at=visitor.now
            )
    return visitor.page(
        "centre/codes_check.html",
        source={"id": source, "name": of.name},
        mapped=sum(one.target is not None for one in table.meanings),
        without=sum(one.target is None for one in table.meanings),
        problems=sorted(problems, key=lambda one: int(one.place))[:_PROBLEMS_SHOWN],
        wrong=len(problems),
        offered=offered,
    )


@post("/centre/codes/import")
async def codes_import(web: WebParameter, visitor: VisitorParameter, data: Form) -> Redirect:
    """Take over a table that was checked."""
    source = data.get("source", "")
    await visitor.ask("map-codes", object_type="codes", object_id=source)
    of = await _source(web, source)
    try:
        number = UUID(data.get("offered", ""))
    except ValueError:
        raise NotFoundException from None
    async with web.store.pool.acquire() as connection, connection.transaction():
        meanings = await take_offered(connection, source, number)
        if meanings is None:
            raise NotFoundException
        await map_codes(
            web.store,
            connection,
            source=source,
            organisation=of.organisation,
            meanings=meanings,
            by=_name(visitor),
            at=visitor.now,
        )
    back = urlencode({"source": source, "shown": "done"})
    return Redirect(f"/centre/codes?{back}", status_code=303)


async def _wrong_targets(web: Web, table: Table) -> list[Problem]:
    """The lines whose target is no code."""
    try:
        await checked_meanings(web.store, table.meanings)
    except Refused as refused:
        return [
            Problem("table", str(table.lines[int(one.place)]), one.rule, one.text)
            for one in refused.problems
        ]
    return []


async def _source(web: Web, source: str) -> Source:
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
    if source not in known:
        raise NotFoundException
    return known[source]


def _name(visitor: Visitor) -> str:
    return visitor.account.name if visitor.account else ""
