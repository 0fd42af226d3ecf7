"""The terminology browser: the code systems and value sets there are, and what their codes say."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery

from minkang.fhir import Refused
from minkang.fhir.dates import LOCAL
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, Store, find
from minkang.terminology import CodeSystem, Concept, Head, Terminology, Wanted, expand
from minkang.terminology.builtin import heads
from minkang.terminology.sets import SECTIONS, VALUE_SET_PREFIX
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_PAGE = 50
_UPLOADED = 200
_LONGEST = 100
_MOST_BELOW = 300
_PROPERTIES = {
    "card-code": N_("报告卡代码"),
    "class": N_("法定传染病类别"),
    "cv05.01.017": "CV05.01.017",
    "letters": N_("字母代码"),
    "managed-as-class-a": N_("按甲类管理"),
    "report-hours": N_("报告时限（小时）"),
    "template": N_("文档模板"),
}
_SHOWN_APART = frozenset(
    {
        "parent",
        "child",
        "inactive",
        "notSelectable",
        "effectiveDate",
        "deprecationDate",
        "successor",
    }
)


@get("/centre/terminology")
async def terminology_page(
    web: WebParameter, visitor: VisitorParameter, q: FromQuery[str] = ""
) -> Response[Any]:
    """All code systems and value sets, those of the platform and those that were uploaded."""
    decision = await visitor.ask("read-terminology", object_type="CodeSystem")
    stored = await _uploaded(web.store, decision.scope, "CodeSystem")
    sets = await _uploaded(web.store, decision.scope, "ValueSet")
    systems = [_system_row(head) for head in heads().values()]
    systems += [_uploaded_row(one, "/centre/terminology/system") for one in stored]
    value_sets = [
        {
            "title": visitor.say(N_("WS/T 500 文档章节")),
            "short": "wst500-sections",
            "version": "",
            "since": None,
            "standard": "WS/T 500",
            "href": _address("/centre/terminology/set", url=SECTIONS),
        }
    ]
    value_sets += [_uploaded_row(one, "/centre/terminology/set") for one in sets]
    words = q.strip().casefold().split()
    return visitor.page(
        "centre/terminology.html",
        q=q,
        systems=[one for one in systems if _fits(one, words)],
        value_sets=[one for one in value_sets if _fits(one, words)],
    )


@get("/centre/terminology/system")
async def system_page(
    web: WebParameter,
    visitor: VisitorParameter,
    url: FromQuery[str] = "",
    q: FromQuery[str] = "",
    on: FromQuery[str] = "",
    code: FromQuery[str] = "",
    offset: FromQuery[int] = 0,
) -> Response[Any]:
    """One code system as it was on a day: search, hierarchy, and one code with all that is said."""
    decision = await visitor.ask("read-terminology", object_type="CodeSystem", object_id=url[:200])
    system = await _system(Terminology(web.store, decision.scope), url)
    day = _day(on, visitor)
    found = system.search(q[:_LONGEST]) if system else ()
    offset = min(max(offset, 0), len(found))
    concept = system.concept(code) if system and code else None
    if code and concept is None:
        raise NotFoundException
    head = system.head if system else heads()[url]

    def address(**more: Any) -> str:
        return _address("/centre/terminology/system", url=url, on=on, **more)

    return visitor.page(
        "centre/terminology_system.html",
        head=head,
        is_dated=bool(system and system.is_dated),
        total=len(found),
        q=q,
        on=day,
        codes=_rows(system, found[offset : offset + _PAGE], day, address) if system else [],
        roots=_roots(system, address) if system and not q else [],
        concept=_shown(system, concept, day, address, visitor) if system and concept else None,
        more_href=address(q=q, offset=offset + _PAGE) if offset + _PAGE < len(found) else None,
    )


@get("/centre/terminology/set")
async def value_set_page(
    web: WebParameter,
    visitor: VisitorParameter,
    url: FromQuery[str] = "",
    q: FromQuery[str] = "",
    on: FromQuery[str] = "",
    offset: FromQuery[int] = 0,
) -> Response[Any]:
    """One value set expanded on a day."""
    decision = await visitor.ask("read-terminology", object_type="ValueSet", object_id=url[:200])
    terminology = Terminology(web.store, decision.scope)
    day = _day(on, visitor)
    wanted = Wanted(on=day, text=q[:_LONGEST], offset=max(offset, 0), count=_PAGE)
    refused = ""
    members: Sequence[Any] = ()
    total, title = 0, url
    try:
        value_set = await terminology.value_set(url)
        title = value_set.title or value_set.name or url
        expansion = await expand(terminology, value_set, wanted)
        total, members = expansion.total, expansion.members
    except Refused as error:
        refused = error.problems[0].text
    further = wanted.offset + _PAGE
    more = _address("/centre/terminology/set", url=url, on=on, q=q, offset=further)
    return visitor.page(
        "centre/terminology_set.html",
        url=url,
        title=title,
        refused=refused,
        q=q,
        on=day,
        total=total,
        members=members,
        more_href=more if further < total else None,
    )


async def _uploaded(store: Store, scope: Scope, kind: str) -> list[dict[str, Any]]:
    """CodeSystems or ValueSets of the store that can be named; the newest 200."""
    search = parse_search(
        (kind,), [("_sort", "-_lastUpdated"), ("_count", str(_UPLOADED))], base=""
    )
    page = await find(store, scope, search)
    return [one.resource for one in page.matches if one.resource.get("url")]


def _system_row(head: Head) -> dict[str, Any]:
    return {
        "title": head.title,
        "short": head.short,
        "version": head.version,
        "since": head.since,
        "standard": head.standard,
        "href": _address("/centre/terminology/system", url=head.url),
        "set_href": _address("/centre/terminology/set", url=VALUE_SET_PREFIX + head.short),
    }


def _uploaded_row(resource: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        "title": resource.get("title") or resource.get("name") or resource["url"],
        "short": resource["url"],
        "version": resource.get("version", ""),
        "since": resource.get("date"),
        "standard": resource.get("publisher", ""),
        "href": _address(path, url=resource["url"]),
    }


def _fits(row: dict[str, Any], words: Sequence[str]) -> bool:
    text = f"{row['title']} {row['short']} {row['standard']}".casefold()
    return all(word in text for word in words)


async def _system(terminology: Terminology, url: str) -> CodeSystem | None:
    """A code system; None for one of the platform that has no list of codes (UCUM)."""
    try:
        return await terminology.code_system(url)
    except Refused:
        if url in heads():
            return None
        raise NotFoundException from None


def _day(text: str, visitor: Visitor) -> str:
    """The day asked about, as ISO date; today if none is given, or it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return visitor.now.astimezone(LOCAL).date().isoformat()


def _rows(
    system: CodeSystem, positions: Sequence[int], day: str, address: Callable[..., str]
) -> list[dict[str, Any]]:
    return [
        {
            "code": system.codes[at],
            "display": system.display_on(at, day),
            "active": system.is_active(at, day),
            "href": address(code=system.codes[at]),
        }
        for at in positions
    ]


def _roots(system: CodeSystem, address: Callable[..., str]) -> list[dict[str, Any]]:
    return [
        {"code": code, "display": display, "href": address(code=code)}
        for code, display in system.roots()[:_MOST_BELOW]
    ]


def _shown(
    system: CodeSystem,
    concept: Concept,
    day: str,
    address: Callable[..., str],
    visitor: Visitor,
) -> dict[str, Any]:
    """One code with everything that its system says of it on a day."""
    at = system.position(concept.code)
    said = system.properties(at, day) if at is not None else ()
    below = [system.position(one) for one in concept.children[:_MOST_BELOW]]
    now = [system.position(one) for one in system.current(concept.code, day)]
    active = at is None or system.is_active(at, day)
    return {
        "code": concept.code,
        "display": concept.display if at is None else system.display_on(at, day),
        "active": active,
        "abstract": at is None or system.is_abstract(at),
        "since": concept.detail.since,
        "until": concept.detail.until,
        "names": concept.detail.names,
        "above": [
            {"code": one.code, "display": one.display, "href": address(code=one.code)}
            for one in _above(system, concept)
        ],
        "below": _rows(system, [one for one in below if one is not None], day, address),
        "more_below": max(0, len(concept.children) - _MOST_BELOW),
        "successors": []
        if active
        else _rows(system, [one for one in now if one is not None], day, address),
        "properties": [
            (visitor.say(_PROPERTIES.get(name, name)), _word(value, visitor))
            for name, value in said
            if name not in _SHOWN_APART
        ],
    }


def _above(system: CodeSystem, concept: Concept) -> list[Concept]:
    """The codes above a code, the topmost first."""
    found: list[Concept] = []
    while concept.parent is not None and (up := system.concept(concept.parent)) is not None:
        found.insert(0, up)
        concept = up
    return found


def _word(value: str | int | bool, visitor: Visitor) -> str:
    if isinstance(value, bool):
        return visitor.say(N_("是")) if value else visitor.say(N_("否"))
    return str(value)


def _address(path: str, **query: Any) -> str:
    given = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(given)}"
