"""The master index in figures, and what people decided as labels for training."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get

from minkang.identity.decisions import labels
from minkang.identity.in_force import definition_in_force
from minkang.identity.judged_pairs import judged_pairs
from minkang.identity.link_figures import Band, Day, ages, bands, days, definition_made, figures
from minkang.identity.linkage.calibrate import ENOUGH, Judged, calibrate, recalibrated
from minkang.identity.linkage.definition import Definition
from minkang.identity.review_labels import table_of
from minkang.identity.review_list import counts
from minkang.web.consents import signed_in
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.review_bands import bounds_of, range_words
from minkang.web.review_words import Say, midnight, rule_words
from minkang.web.wording import ZONE

_DAYS: Final = 14
_SHARE_OF_ALL: Final = 1000
_AGES: Final = {1: N_("不到 1 天"), 7: N_("1 至 7 天"), 30: N_("7 至 30 天"), None: N_("30 天以上")}


@get("/centre/identity")
async def overview_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Figures alone: nobody is named."""
    await visitor.ask("review-links", object_type="identity-overview")
    account = signed_in(visitor)
    today = visitor.now.astimezone(ZONE)
    async with web.store.pool.acquire() as connection:
        definition = await definition_in_force(connection)
        made = await definition_made(connection)
        found = await figures(connection)
        waited = await ages(connection, now=visitor.now)
        decided = await days(connection, last=today.date(), count=_DAYS, zone=str(ZONE))
        by_weight = await bands(connection, bounds_of(definition))
        work = await counts(connection, now=visitor.now, today=midnight(today), account=account.id)
        known = len(await labels(connection))
        judged = await judged_pairs(web.store, connection, definition)
    say = visitor.say
    return visitor.page(
        "review/overview.html",
        figures=found,
        waiting=work.open,
        rules=_rules(found.rules, say),
        ages=[{"words": say(_AGES[bound]), "count": count} for bound, count in waited],
        days=[{**_day(one)} for one in decided],
        most=max((one.same + one.different for one in decided), default=0),
        bands=[_band(one) for one in by_weight],
        thresholds={
            "link": f"{definition.written.link:.1f}",
            "review": f"{definition.written.review:.1f}",
        },
        training={
            "version": definition.written.version,
            "made": made.made if made else None,
            "by": made.made_by if made else "",
            "why": made.why if made else "",
        },
        labels=known,
        calibrated=_calibrated(definition, judged),
        enough=ENOUGH,
    )


@get("/centre/identity/labels")
async def overview_labels(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Decided pairs as CSV: ids of registrations and the verdict, nothing of the people."""
    await visitor.ask("review-links", object_type="identity-labels")
    async with web.store.pool.acquire() as connection:
        known = await labels(connection)
    return Response(
        table_of(known).encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": "attachment; filename*=UTF-8''judgements.csv",
            "Cache-Control": "no-store",
        },
    )


def _calibrated(definition: Definition, judged: Sequence[Judged]) -> dict[str, Any] | None:
    """The thresholds that people's decisions speak for; of a few decisions nothing is said."""
    if len(judged) < ENOUGH:
        return None
    line = calibrate(judged)
    moved = recalibrated(definition.written, line)
    return {
        "decisions": line.decisions,
        "link": f"{moved.link:.1f}",
        "review": f"{moved.review:.1f}",
    }


def _rules(rules: Sequence[tuple[str, int]], say: Say) -> list[dict[str, Any]]:
    most = max((count for _, count in rules), default=1) or 1
    return [
        {
            "words": rule_words(rule, say),
            "count": count,
            "share": max(1, round(count * _SHARE_OF_ALL / most)),
        }
        for rule, count in rules
    ]


def _day(one: Day) -> dict[str, Any]:
    return {
        "day": f"{one.day:%m-%d}",
        "same": one.same,
        "different": one.different,
        "revoked": one.revoked,
    }


def _band(one: Band) -> dict[str, Any]:
    """Of a band the share of "same", never rounded up to all."""
    share = int(1000 * one.same / (one.same + one.different)) / 10
    return {
        "words": range_words(one.least, one.below),
        "same": one.same,
        "different": one.different,
        "precision": f"{share:.1f} %",
    }
