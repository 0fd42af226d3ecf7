"""One laboratory report of now, for showing that what is sent is seen."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.lives.analytes import ANALYTES
from minkang.synth.lives.body import body_of
from minkang.synth.lives.laboratory import measured
from minkang.synth.record import LOCAL, Lived, Report, Value, Visit
from minkang.synth.speak.cases import case_of
from minkang.synth.speak.hospital import say_laboratory
from minkang.synth.speak.sent import CONTROL
from minkang.synth.speak.setting import Setting

_PANELS: Final = ("glucose", "renal")


def fresh_report(
    setting: Setting,
    lived: Lived,
    person: str,
    source: str,
    at: datetime,
    control_id: str,
    values: Mapping[str, str] = {},
) -> bytes:
    """An ORU^R01 with sugar and kidney values of a person, at a visit of the same hour.

    `values` override single results by analyte; `comment` is the technician's remark below.

    Raises:
        ValueError: the person was never at an institution of that source, or `values` names what
            these panels do not hold.
    """
    seen = [
        visit
        for visit in lived.visits
        if visit.person == person and setting.system(visit.institution).id == source
    ]
    if not seen:
        raise ValueError(f"{person} is not registered at {source}")
    who = next(one for one in lived.household.people if one.key == person)
    random = stream(setting.world.seed, "fresh", person, control_id)
    body = body_of(setting.world, who, lived.conditions[person])
    taken = at - timedelta(minutes=random.randint(40, 90))
    reports = []
    left = dict(values)
    remark = Value("comment", left.pop("comment", "标本合格，结果已复核。"))
    for number, panel in enumerate(_PANELS, 1):
        found = measured(
            body, panel, at.astimezone(LOCAL).date(), random, {}, laboratory=seen[-1].institution
        )
        given = tuple(_overridden(one, left.pop(one.analyte, None)) for one in found)
        given += (remark,) if panel == _PANELS[-1] else ()
        reports.append(Report(f"L{control_id}-{number}", panel, taken, at, given))
    if left:
        raise ValueError(f"no such result in this message: {', '.join(sorted(left))}")
    now = _now(seen[-1], taken, control_id, tuple(reports))
    case = case_of(setting, setting.systems[source], lived.household, who, now, at)
    first = next(iter(say_laboratory(case, who)))
    return first.raw.replace(CONTROL, control_id.encode())


def _now(last: Visit, taken: datetime, control_id: str, reports: tuple[Report, ...]) -> Visit:
    return msgspec.structs.replace(
        last,
        number=f"N{control_id}",
        kind="O",
        start=taken - timedelta(minutes=20),
        end=None,
        reports=reports,
        studies=(),
        prescriptions=(),
        operations=(),
        front_page={},
    )


def _overridden(value: Value, text: str | None) -> Value:
    if text is None:
        return value
    if ANALYTES[value.analyte].kind == "NM":
        float(text)
    return msgspec.structs.replace(value, text=text, below=False)
