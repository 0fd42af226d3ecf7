"""Where register and care differ: the desk's list, one difference side by side, the decision."""

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.patients import patients_by_id
from minkang.identity.register import decide_difference, difference_counts, differences
from minkang.identity.register.differ import DIFFERENCE_KINDS, DifferenceKind, Side, side_of
from minkang.identity.register.divisions import division_names
from minkang.identity.register.reconcile import (
    VERDICTS,
    Decided,
    DecisionRefused,
    DifferenceLine,
    Verdict,
    decisions_on,
    difference,
)
from minkang.policy.mask import masked_name, masked_number
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.register_asked import ask_about_row
from minkang.web.register_words import DIFFERENCES
from minkang.web.register_words import VERDICTS as VERDICT_WORDS
from minkang.web.rendering import N_
from minkang.web.tables import MOST_ROWS, Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor

_PAGE: Final = 30
Show = Literal["open", "decided", "gone"]
_SHOWN: Final[dict[Show, str]] = {
    "open": N_("待核对"),
    "decided": N_("已核对"),
    "gone": N_("已消除"),
}
_COLUMNS: Final = (
    Column("what", N_("差异"), lambda one: one["words"]),
    Column("name", N_("居民"), lambda one: one["name"]),
    Column("place", N_("居住地"), lambda one: one["place"]),
    Column("since", N_("发现"), lambda one: one["since"]),
    Column("decided", N_("结论"), lambda one: one["decided"]),
)


@get("/population/differences")
async def differences_page(
    web: WebParameter,
    visitor: VisitorParameter,
    kind: FromQuery[str] = "",
    show: FromQuery[str] = "open",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Differences of a kind that wait, were decided on, or are gone by themselves."""
    await visitor.ask("reconcile-register", object_type="differences", object_id=kind[:20])
    chosen = _kind(kind)
    shown: Show = next((one for one in get_args(Show) if one == show), "open")
    if file := file_wanted(visitor.request):
        await visitor.ask(
            "reconcile-register", object_type="differences", object_id=f"table.{file}"
        )
        every = await differences(web.store, kind=chosen, show=shown, after="", limit=MOST_ROWS)
        rows = await _lines(visitor, every)
        return file_of(visitor, _COLUMNS, rows, name="differences", kind=file)
    found = await differences(web.store, kind=chosen, show=shown, after=after[:40], limit=_PAGE)
    full = len(found) == _PAGE
    counts = await difference_counts(web.store)
    return visitor.page(
        "register/differences.html",
        kinds=[
            {"key": one, "words": visitor.say(DIFFERENCES[one]), "count": counts[one]}
            for one in DIFFERENCE_KINDS
        ],
        kind=chosen or "",
        shows=[(key, visitor.say(words)) for key, words in _SHOWN.items()],
        show=shown,
        table=table_of(visitor, _COLUMNS, await _lines(visitor, found), more=full),
        more_href=address(visitor.request, after=found[-1].id) if full else None,
    )


@get("/population/differences/{difference_id:str}")
async def difference_page(visitor: VisitorParameter, difference_id: FromPath[str]) -> Response[Any]:
    """One difference: what each side says, and what was decided."""
    return await _one(visitor, await _asked(visitor, difference_id))


@post("/population/differences/{difference_id:str}")
async def difference_decide(
    visitor: VisitorParameter, difference_id: FromPath[str], data: Form
) -> Response[Any]:
    """Decide, with a reason; or take up again what was decided."""
    line = await _asked(visitor, difference_id)
    account = signed_in(visitor)
    try:
        made = Decided(
            _verdict(data.get("verdict", "")),
            data.get("reason", ""),
            account.id,
            account.name,
            visitor.now,
        )
        await decide_difference(visitor.web.store, line.id, made)
    except DecisionRefused:
        return await _one(visitor, line, refused=True, reason=data.get("reason", ""))
    return Redirect(f"/population/differences/{line.id}", status_code=303)


async def _asked(visitor: Visitor, number: str) -> DifferenceLine:
    """The difference, after the gate was asked about the resident it is about."""
    line = await difference(visitor.web.store, number)
    await ask_about_row(
        visitor,
        "reconcile-register",
        line.person if line else None,
        object_type="difference",
        object_id=number[:40],
    )
    if line is None:
        raise NotFoundException
    return line


def _kind(text: str) -> DifferenceKind | None:
    return next((one for one in DIFFERENCE_KINDS if one == text), None)


def _verdict(text: str) -> Verdict:
    for one in VERDICTS:
        if one == text:
            return one
    raise DecisionRefused("no such verdict")


async def _sides(visitor: Visitor, found: Sequence[DifferenceLine]) -> dict[str, Side]:
    wanted = {one for line in found for one in (line.row, line.other) if one}
    stored = await patients_by_id(visitor.web.store, sorted(wanted))
    return {key: side_of(one.resource) for key, one in stored.items()}


async def _lines(visitor: Visitor, found: Sequence[DifferenceLine]) -> list[dict[str, Any]]:
    """Lines of the list; whom it names is written down before."""
    if found:
        await visitor.web.gate.listed(
            visitor.account,
            sorted({one.person for one in found}),
            now=visitor.now,
            address=visitor.address,
        )
    sides = await _sides(visitor, found)
    places = await division_names(visitor.web.store, {one.place for one in found})
    return [
        {
            "href": f"/population/differences/{one.id}",
            "words": visitor.say(DIFFERENCES[one.kind]),
            "name": masked_name(sides[key].name) if (key := one.row or one.other) in sides else "",
            "place": places[one.place],
            "since": one.since,
            "decided": visitor.say(VERDICT_WORDS[one.decided.verdict]) if one.decided else "",
        }
        for one in found
    ]


async def _one(
    visitor: Visitor, line: DifferenceLine, *, refused: bool = False, reason: str = ""
) -> Response[Any]:
    sides = await _sides(visitor, [line])
    stored = await patients_by_id(visitor.web.store, [one for one in (line.row, line.other) if one])
    row, other = sides.get(line.row), sides.get(line.other)
    made = await decisions_on(visitor.web.store, line.id)
    places = await division_names(visitor.web.store, [line.place])
    numbers = {key: _id_number(one.resource) for key, one in stored.items()}
    return visitor.page(
        "register/difference.html",
        status=422 if refused else 200,
        line=line,
        words=visitor.say(DIFFERENCES[line.kind]),
        place=places[line.place],
        fields=_fields(visitor, row, other, numbers),
        row_href=f"/population/residents/{line.row}" if row else "",
        has=(row is not None, other is not None),
        decisions=[
            {"words": visitor.say(VERDICT_WORDS[one.verdict]), "of": one} for one in reversed(made)
        ],
        verdicts=[
            (key, visitor.say(words)) for key, words in VERDICT_WORDS.items() if key != "reopened"
        ],
        refused=refused,
        reason=reason,
    )


def _fields(
    visitor: Visitor, row: Side | None, other: Side | None, numbers: dict[str, str]
) -> list[dict[str, Any]]:
    """Each fact as both sides have it; `same` where they agree, None where one says nothing."""

    def field(words: str, one: str, two: str) -> dict[str, Any]:
        same = None if not one or not two else one == two
        return {"words": visitor.say(words), "row": one, "other": two, "same": same, "sex": False}

    def of(side: Side | None, name: str) -> str:
        return str(getattr(side, name)) if side is not None else ""

    def alive(side: Side | None) -> str:
        if side is None:
            return ""
        return visitor.say(N_("已死亡")) if side.dead else visitor.say(N_("未见死亡"))

    return [
        field(N_("姓名"), of(row, "name"), of(other, "name")),
        {**field(N_("性别"), of(row, "sex"), of(other, "sex")), "sex": True},
        field(N_("出生日期"), of(row, "birth"), of(other, "birth")),
        field(
            N_("身份证号"),
            numbers.get(row.patient, "") if row else "",
            numbers.get(other.patient, "") if other else "",
        ),
        field(N_("生死"), alive(row), alive(other)),
    ]


def _id_number(patient: dict[str, Any]) -> str:
    """The ID number masked, as both sides are shown."""
    found = next(
        (
            str(one.get("value", ""))
            for one in patient.get("identifier", [])
            if one.get("system") == ID_CARD_SYSTEM
        ),
        "",
    )
    return masked_number(found) if found else ""
