"""The region at a glance, its divisions and institutions; their tables as files."""

from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery

from minkang.record.region import definitions, parts
from minkang.record.region.shapes import shapes_below
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.region_export import TABLES, csv_of, tables, workbook_of
from minkang.web.region_facts import DivisionFacts, division_facts, institution_facts
from minkang.web.region_view import asked_by, division_view, institution_view
from minkang.web.rendering import language_of
from minkang.web.visitor import Visitor

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/region")
async def region_page(
    visitor: VisitorParameter,
    days: FromQuery[int] = 30,
    shade: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The whole region."""
    return await _division(visitor, "", days, shade, page)


@get("/region/{division:str}")
async def division_page(
    visitor: VisitorParameter,
    division: str,
    days: FromQuery[int] = 30,
    shade: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """A county, a town or a village."""
    return await _division(visitor, division, days, shade, page)


@get("/region/institution/{institution:str}")
async def institution_page(
    web: WebParameter, visitor: VisitorParameter, institution: str, days: FromQuery[int] = 30
) -> Response[Any]:
    """An institution."""
    await visitor.ask("see-region", object_type="Organization", object_id=institution[:64])
    asked = asked_by(visitor, days)
    facts = await institution_facts(web.store, institution, asked.days, visitor.now)
    if facts is None:
        raise NotFoundException
    return visitor.page("region/institution.html", **institution_view(facts, asked))


@get("/region/definitions")
async def definitions_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """What every figure counts, from which tables, and as of when."""
    await visitor.ask("see-region", object_type="definitions")
    async with web.store.readers.lent() as connection:
        made = await parts(connection)
    chinese = language_of(visitor.request) == "zh-CN"
    rows = [
        {
            "key": one.key,
            "name": one.zh if chinese else one.en,
            "what": one.what_zh if chinese else one.what_en,
            "tables": one.tables,
            "persons": one.persons,
            "as_of": made[one.part].as_of if one.part in made else None,
            "seconds": f"{made[one.part].seconds:.1f}" if one.part in made else "",
        }
        for one in definitions().values()
    ]
    return visitor.page("region/definitions.html", rows=rows)


@get("/region/export")
async def region_export(
    web: WebParameter,
    visitor: VisitorParameter,
    division: FromQuery[str] = "",
    days: FromQuery[int] = 30,
    table: FromQuery[str] = "",
) -> Response[bytes]:
    """All tables of a division's page as a workbook, or one of them as CSV."""
    await visitor.ask("see-region", object_type="region-export", object_id=division[:12])
    code = _code(division)
    asked = asked_by(visitor, days)
    facts = await division_facts(web.store, code, asked.days, visitor.now)
    made = tables(facts, asked)
    name = f"region-{code or 'all'}-{facts.today}-{asked.days}d"
    if table in TABLES:
        return _file(csv_of(made[table]), "text/csv", f"{name}-{table}.csv")
    return _file(workbook_of([made[key] for key in TABLES]), _XLSX, f"{name}.xlsx")


async def _division(
    visitor: Visitor, division: str, days: int, shade: str, page: int
) -> Response[Any]:
    await visitor.ask("see-region", object_type="region", object_id=division[:12])
    code = _code(division)
    asked = asked_by(visitor, days, shade, page)
    facts = await division_facts(visitor.web.store, code, asked.days, visitor.now)
    if code and not await _is_known(visitor, facts):
        raise NotFoundException
    own = await _own_division(visitor)
    return visitor.page(
        "region/page.html",
        **division_view(facts, asked),
        own=own if own and own != code else "",
    )


async def _is_known(visitor: Visitor, facts: DivisionFacts) -> bool:
    """Whether there is anything in a division, or at least a name or an outline of it."""
    code = facts.division
    if facts.below or facts.people.people or facts.institutions or facts.names[code] != code:
        return True
    return bool(await shapes_below(visitor.web.store, code, len(code)))


async def _own_division(visitor: Visitor) -> str:
    """Where the visitor's own organisation lies, if that is a part of the region."""
    account = visitor.account
    if account is None or account.organisation is None:
        return ""
    found = await visitor.web.store.pool.fetchval(
        "select division from accounts.organisation where id = $1", account.organisation
    )
    return found if found and not found.endswith("00") else ""


def _code(division: str) -> str:
    """A division's code as it was asked for.

    Raises:
        NotFoundException: it is none.
    """
    if division and not (division.isascii() and division.isdigit() and len(division) <= 12):
        raise NotFoundException
    return division


def _file(content: bytes, media: str, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{quote(name)}"',
            "Cache-Control": "no-store",
        },
    )
