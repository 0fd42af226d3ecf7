"""The identity desk's queue as a table to take away, without direct identifiers."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, get

from minkang.accounts import organisation_names
from minkang.identity.in_force import definition_in_force
from minkang.identity.review_list import Line, listing
from minkang.store import Stored
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.review import asked_of
from minkang.web.review_bands import bands_of
from minkang.web.review_data import patients_in, written_down
from minkang.web.review_words import cause_words, short
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_MOST: Final = 5000
_HEAD: Final = (
    N_("编号"),
    N_("原因"),
    N_("权重"),
    N_("甲方机构"),
    N_("乙方机构"),
    N_("合并涉及就诊"),
    N_("含敏感内容"),
    N_("进入队列"),
)


@get("/centre/identity/review/table")
async def review_table(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """The queue as CSV: what waits and why, without names, numbers and dates of birth."""
    decision = await visitor.ask("review-links", object_type="review-table")
    async with web.store.pool.acquire() as connection:
        _, asked = asked_of(request, bands_of(await definition_in_force(connection)))
        lines = await listing(connection, asked, now=visitor.now, limit=_MOST)
    names = await organisation_names(web.store.pool)
    wanted = {patient for one in lines for patient in one.pair}
    patients = await patients_in(web.store, decision.scope, wanted)
    await written_down(visitor, "review-links", wanted, "review-table")
    return Response(
        _csv(visitor, lines, patients, names),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": "attachment; filename*=UTF-8''review.csv",
            "Cache-Control": "no-store",
        },
    )


def _csv(
    visitor: Visitor,
    lines: Sequence[Line],
    patients: Mapping[str, Stored],
    names: Mapping[str, str],
) -> bytes:
    """With a byte order mark: spreadsheets then read the Chinese as it is."""
    text = io.StringIO()
    table = csv.writer(text)
    say = visitor.say
    table.writerow([say(one) for one in _HEAD])
    for line in lines:
        institutions = [short(patients.get(one), names)["institution"] for one in line.pair]
        table.writerow(
            [
                line.id,
                cause_words(line.cause, visitor),
                f"{line.weight:.2f}",
                *institutions,
                "" if line.visits is None else line.visits,
                say("是") if line.sensitive else say("否"),
                line.since.astimezone(ZONE).isoformat(timespec="minutes"),
            ]
        )
    return text.getvalue().encode("utf-8-sig")
