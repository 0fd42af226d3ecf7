"""Coverage and dynamic use of health files: by division and institution, by doctor; numbers only.

Who does not keep files sees no small numbers: as on the pages of the register, one to four are
"<5", and everything else is rounded to the next multiple of five, above and below the line of a
share.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

from litestar import Response, get
from litestar.params import FromQuery

from minkang.identity.register.divisions import above, digits_below, division_names
from minkang.policy import Ask, decide
from minkang.record.files import Rate, rates
from minkang.record.files.rates import By, total
from minkang.record.files.uses import uses
from minkang.web.files import today
from minkang.web.files_asked import kept_by, tree_of
from minkang.web.files_words import told
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.register_words import SMALLEST, rounded, shown_people
from minkang.web.rendering import N_
from minkang.web.tables import Column, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor

Basis = Literal["division", "institution", "doctor"]
_BASES: Final[dict[Basis, str]] = {
    "division": N_("按区划"),
    "institution": N_("按机构"),
    "doctor": N_("按责任医生"),
}
_COUNTIES: Final = 6
_COLUMNS: Final = (
    Column("name", N_("名称"), lambda one: one["name"]),
    Column("people", N_("常住居民"), lambda one: one["people"], number=True),
    Column("filed", N_("已建档"), lambda one: one["filed"], number=True),
    Column("coverage", N_("建档率"), lambda one: one["coverage"], number=True),
    Column("files", N_("在管档案"), lambda one: one["files"], number=True),
    Column("used", N_("有动态记录"), lambda one: one["used"], number=True),
    Column("use", N_("动态使用率"), lambda one: one["use"], number=True),
    Column("complete", N_("完整率"), lambda one: one["complete"], number=True),
)


@get("/files/rates")
async def rates_page(
    web: WebParameter,
    visitor: VisitorParameter,
    division: FromQuery[str] = "",
    by: FromQuery[str] = "",
    definition: FromQuery[str] = "",
) -> Response[Any]:
    """The rates of today; a keeper's within the own institutions, exact."""
    division = division if division.isdigit() and len(division) <= 12 else ""
    await visitor.ask("see-file-rates", object_type="HealthFile", object_id=division)
    keeper = decide(Ask(account=visitor.account, action="list-files")).allowed
    basis = _basis(by, keeper=keeper)
    mine = await kept_by(visitor) if keeper else None
    rule = uses().definition(definition)
    found = await rates(
        web.store,
        today(visitor),
        division=division,
        institutions=mine,
        by=basis,
        digits=12 if keeper else digits_below(division) if division else _COUNTIES,
        definition=rule.key,
    )
    names = await _names(visitor, basis, found, division)
    lines = [
        _line(one, names.get(one.key) or visitor.say(N_("未注明")), exact=keeper)
        | {"href": _below(basis, one.key, division, rule.key, keeper=keeper)}
        for one in found
    ]
    if wanted := file_wanted(visitor.request):
        return file_of(visitor, _COLUMNS, lines, name="file-rates", kind=wanted)
    places = await division_names(web.store, above(division))
    return visitor.page(
        "files/rates.html",
        table=table_of(visitor, _COLUMNS, lines),
        whole=_line(total(found), "", exact=keeper),
        bars=[one for one in lines if one["use_share"] is not None],
        division=division,
        name=places.get(division, ""),
        crumbs=[(code, places[code]) for code in above(division)[1:-1]],
        basis=basis,
        bases=[(key, visitor.say(words)) for key, words in _BASES.items()
               if keeper or key != "doctor"],
        definition=rule.key,
        definitions=[(one.key, told(visitor, one.zh)) for one in uses().definitions],
        law=rule.law,
        days=rule.days,
        counts=[told(visitor, one.zh) for one in uses().events if one.key in rule.counts],
        keeper=keeper,
        smallest=SMALLEST,
        day=today(visitor),
    )  # fmt: skip


def _basis(by: str, *, keeper: bool) -> By:
    if by == "doctor" and keeper:
        return "doctor"
    if by == "institution":
        return "institution"
    return "division"


async def _names(
    visitor: Visitor, basis: By, found: Sequence[Rate], division: str
) -> dict[str, str]:
    if basis == "doctor":
        return {one.key: one.key for one in found}
    if basis == "institution":
        tree = await tree_of(visitor)
        return {one.key: tree.name(one.key) for one in found if one.key}
    known = await division_names(visitor.web.store, [one.key for one in found if one.key])
    return {key: name for key, name in known.items() if key != division or len(key) == 12}


def _below(basis: By, key: str, division: str, rule: str, *, keeper: bool) -> str:
    """Where one level deeper is; '' where nothing lies below."""
    if basis != "division" or keeper or len(key) >= 12 or len(key) <= len(division):
        return ""
    return f"/files/rates?division={key}&definition={rule}"


def _line(one: Rate, name: str, *, exact: bool) -> dict[str, Any]:
    use = _share(one.used, one.files, exact=exact)
    coverage = _share(one.with_file, one.people, exact=exact)
    return {
        "name": name,
        "people": shown_people(one.people, exact=exact) if one.people else "—",
        "filed": shown_people(one.with_file, exact=exact) if one.people else "—",
        "coverage": _percent(coverage),
        "files": shown_people(one.files, exact=exact),
        "used": shown_people(one.used, exact=exact),
        "use": _percent(use),
        "complete": _percent(_share(one.complete, one.files, exact=exact)),
        "use_share": use,
        "coverage_share": coverage,
    }


def _share(part: int, whole: int, *, exact: bool) -> float | None:
    """A share; of few, or of rounded numbers, nothing more than they tell."""
    if not whole or (not exact and whole < SMALLEST):
        return None
    if exact:
        return part / whole
    return min(1.0, rounded(part) / max(rounded(whole), SMALLEST))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}%"
