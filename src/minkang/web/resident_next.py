"""What a resident should do next: follow-ups that are due, referrals, results to be shown."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from minkang.record.fact import concept_text, moment
from minkang.store import Stored
from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_results import important_rows
from minkang.web.wording import ZONE

_FOLLOW_UP: Final = "随访"
_REFERRAL: Final = "转诊"
_FORGOTTEN: Final = timedelta(days=180)
_SOON: Final = timedelta(days=30)
_REFERRAL_STANDS: Final = timedelta(days=60)
_RESULT_STANDS: Final = timedelta(days=90)
_OPEN: Final = frozenset({"active", "draft", "on-hold"})


class Step(msgspec.Struct, frozen=True):
    """One thing to do; `late`: its day is over."""

    kind: str
    text: str
    day: date | None = None
    late: bool = False
    href: str = ""


def next_steps(asked: OwnAsked) -> list[Step]:
    """What the record itself asks for, the most pressing first."""
    say, today = asked.visitor.say, asked.visitor.now.astimezone(ZONE).date()
    requests = [
        one for one in asked.life.of("ServiceRequest") if one.resource.get("status") in _OPEN
    ]
    steps = [
        Step(
            "result",
            say(N_("%(item)s：%(said)s")) % {"item": row["name"], "said": row["said"]},
            row["at"].astimezone(ZONE).date(),
            href=f"{asked.own.base}/results?item={row['item']}",
        )
        for row in important_rows(asked, 3)
        if row["light"] == "alarm" and row["at"] and asked.visitor.now - row["at"] < _RESULT_STANDS
    ]
    steps += _follow_ups(asked, requests, today)
    for stored in requests:
        since = moment(stored.resource.get("authoredOn"))
        if concept_text(stored.resource.get("code")) != _REFERRAL or since is None:
            continue
        if asked.visitor.now - since < _REFERRAL_STANDS:
            where = _where(stored)
            text = say(N_("医生建议您转诊到%(where)s")) if where else say(N_("医生建议您转诊"))
            steps.append(Step("referral", text % {"where": where}, since.astimezone(ZONE).date()))
    return steps


def _follow_ups(asked: OwnAsked, requests: Iterable[Stored], today: date) -> list[Step]:
    """The last planned follow-up of each source: a later plan takes the place of an earlier one."""
    last: dict[str, tuple[datetime, date]] = {}
    for stored in requests:
        resource = stored.resource
        planned = moment(resource.get("occurrenceDateTime"))
        if concept_text(resource.get("code")) != _FOLLOW_UP or planned is None:
            continue
        written = moment(resource.get("authoredOn")) or planned
        day = planned.astimezone(ZONE).date()
        if stored.source not in last or last[stored.source][0] < written:
            last[stored.source] = (written, day)
    steps = []
    for day in sorted({day for _, day in last.values()}):
        if not today - _FORGOTTEN <= day <= today + _SOON:
            continue
        late = day < today
        text = N_("随访的日子已经过了，请联系家庭医生") if late else N_("家庭医生要给您随访")
        steps.append(Step("follow-up", asked.visitor.say(text), day, late))
    return steps


def _where(stored: Stored) -> str:
    named: list[dict[str, Any]] = stored.resource.get("performer", [])
    return next((str(one["display"]) for one in named if one.get("display")), "")
