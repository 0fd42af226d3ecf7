"""The identity desk's queue as a table to take away, without direct identifiers."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get

from minkang.accounts import organisation_names
from minkang.identity.in_force import definition_in_force
from minkang.identity.review_list import listing
from minkang.store import Stored
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.review import asked_of
from minkang.web.review_bands import bands_of
from minkang.web.review_data import patients_in, written_down
from minkang.web.review_words import cause_words, short
from minkang.web.tables import MOST_ROWS, Column, file_of, file_wanted
from minkang.web.visitor import Visitor


@get("/centre/identity/review/table")
async def review_table(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """The queue as a file: what waits and why, without names, numbers and dates of birth."""
    decision = await visitor.ask("review-links", object_type="review-table")
    async with web.store.pool.acquire() as connection:
        _, asked = asked_of(request, bands_of(await definition_in_force(connection)))
        lines = await listing(connection, asked, now=visitor.now, limit=MOST_ROWS)
    names = await organisation_names(web.store.pool)
    wanted = {patient for one in lines for patient in one.pair}
    patients = await patients_in(web.store, decision.scope, wanted)
    await written_down(visitor, "review-links", wanted, "review-table")
    kind = file_wanted(request) or "csv"
    return file_of(visitor, _columns(visitor, patients, names), lines, name="review", kind=kind)


def _columns(
    visitor: Visitor, patients: Mapping[str, Stored], names: Mapping[str, str]
) -> tuple[Column, ...]:
    """What waits and why; of the people only where they are registered."""

    def institution(patient: str) -> str:
        return str(short(patients.get(patient), names)["institution"])

    return (
        Column("id", N_("编号"), lambda one: one.id),
        Column("cause", N_("原因"), lambda one: cause_words(one.cause, visitor)),
        Column("weight", N_("权重"), lambda one: round(one.weight, 2), number=True),
        Column("a", N_("甲方机构"), lambda one: institution(one.pair[0])),
        Column("b", N_("乙方机构"), lambda one: institution(one.pair[1])),
        Column("visits", N_("合并涉及就诊"), lambda one: one.visits, number=True),
        Column("sensitive", N_("含敏感内容"), lambda one: bool(one.sensitive)),
        Column("since", N_("进入队列"), lambda one: one.since),
    )
