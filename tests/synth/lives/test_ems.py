"""120: times run forward, the vehicle comes from near, some calls are in vain."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from minkang.synth.lives import acute, ems, endings, injuries
from minkang.synth.lives.calendar import settle
from minkang.synth.lives.furnish import furnish
from minkang.synth.lives.live import planned
from minkang.synth.record import LOCAL, Plan
from tests.synth.lives.crowd import lives

_ORDER = ("呼救时间", "派车时间", "出发时间", "到达现场时间", "离开现场时间", "到达医院时间")


def _times(values: dict[str, str]) -> list[datetime]:
    return [datetime.fromisoformat(values[name]) for name in _ORDER if name in values]


def test_a_call_leads_to_the_hospitals_door_in_order() -> None:
    calls = 0
    for life in lives(700, seed=10):
        for module in (acute, injuries):
            for plan in module.plans(life):
                if not isinstance(plan, Plan) or not plan.ambulance:
                    continue
                start = datetime(plan.day.year, plan.day.month, plan.day.day, 14, 30, tzinfo=LOCAL)
                form = ems.call_of(life, plan, start, "试验医院")
                times = _times(form.values)
                assert len(times) == 6
                assert all(early <= late for early, late in pairwise(times))
                arrived = times[-1].replace(tzinfo=LOCAL)
                assert start - timedelta(minutes=6) < arrived < start
                assert times[-1] - times[0] < timedelta(minutes=110)
                assert form.because == plan.because
                assert form.values["送达医院"] == "试验医院"
                calls += 1
    assert calls > 2


def test_every_visit_by_ambulance_and_no_other_has_a_call() -> None:
    seen = 0
    for life in lives(20, dying=True, seed=14):
        plans, forms = planned(life)
        settled, _ = settle(life, plans, forms)
        visits, _ = furnish(life, settled)
        calls = list(ems.calls_of(life, settled, visits))
        by_ambulance = [one for one in settled if one.plan.ambulance]
        assert len(calls) == len(by_ambulance)
        for one, call in zip(by_ambulance, calls, strict=True):
            assert call.at < one.start
            assert call.values["送达医院"]
            seen += 1
    assert seen > 0


def test_calls_without_a_visit_end_in_vain_or_in_death() -> None:
    results: Counter[str] = Counter()
    for life in (*lives(900, seed=11), *lives(150, dying=True, seed=12)):
        for form in ems.plans(life):
            results[form.values["结果"]] += 1
            times = _times(form.values)
            assert times == sorted(times)
            assert "到达医院时间" not in form.values
    assert results["现场死亡"]
    assert results["取消"] + results["拒绝送院"] + results["未见患者"]


def test_who_died_on_the_spot_was_not_taken_anywhere() -> None:
    for life in lives(150, dying=True, seed=12):
        ending = endings.ending_of(life)
        died_there = [f for f in ems.plans(life) if f.values["结果"] == "现场死亡"]
        assert ending is not None
        assert len(died_there) == (ending.ambulance and ending.place in ("home", "outside"))
