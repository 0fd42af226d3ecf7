"""Referrals: up to a hospital with a form, and back down with what was found and done there."""

from datetime import date, timedelta
from typing import Any, Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Form, Plan, Visit
from minkang.synth.texts.advice import short_drug
from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import short_name
from minkang.synth.texts.values import remarkable, seen

_HEIGHT: Final[dict[str, int]] = {"village": 0, "private": 0, "town": 1}
"""Grassroots care by its height; everything else is a hospital's."""

_WITHIN: Final = 60  # days in which a referral is followed
_REASONS: Final = (
    "需进一步检查、明确诊断", "病情需要，本机构条件有限", "治疗效果欠佳，需专科诊治", "需住院治疗",
    "需专科手术评估", "血压（血糖）控制不满意", "病情危重，需上级医院救治",
)  # fmt: skip


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A referral that is under way: from which visit where, to which institution, on which day."""

    visit: str
    sender: Any
    institution: Any
    care: Care
    day: date


class Referrals(msgspec.Struct, gc=False):
    """A person's referrals that have not been followed yet, by what they are for."""

    open: dict[str, Sent]

    def towards(self, plan: Plan, day: date) -> Sent | None:
        """The referral that this plan follows, if it does; it is closed by that."""
        sent = self.open.get(plan.because)
        if sent is None or (day - sent.day).days > _WITHIN or _HEIGHT.get(plan.care, 2) < 2:
            return None
        del self.open[plan.because]
        return sent

    def filed(
        self, life: Life, plan: Plan, visit: Visit, seat: Any, case: Case, sent: Sent | None
    ) -> tuple[Visit, list[Form]]:
        """The visit with where it sends the patient, and the form of that, if it sends any.

        Who was `sent` here is sent back with what was found and done: from a ward mostly, from the
        clinic less often.
        """
        refer = plan.refer
        if visit.outcome == "死亡" or visit.end is None:
            return visit, []
        if refer is None:
            back = 0.85 if visit.kind == "I" else 0.4
            if sent is None or sent.sender.key == visit.institution or not case.chance(back):
                return visit, []
            visit = msgspec.structs.replace(visit, refer=sent.sender.key)
            return visit, [_back(life, plan, visit, seat, case, sent.sender)]
        place = life.world.place
        pick = share(life.world.seed, "usual", life.household.key, refer)
        target = place.institution(refer, life.person.village, pick)
        if target.key == seat.institution.key:
            return visit, []
        visit = msgspec.structs.replace(visit, refer=target.key)
        down = _HEIGHT.get(refer, 2) < _HEIGHT.get(plan.care, 2)
        if not down:
            self.open[plan.because] = Sent(
                visit.number, seat.institution, target, refer, visit.start.date()
            )
        form = _back(life, plan, visit, seat, case, target) if down else _out(
            life, plan, visit, seat, case, target
        )  # fmt: skip
        return visit, [form]


def _values(life: Life, visit: Visit, seat: Any, target: Any) -> dict[str, str]:
    at = visit.end or visit.start
    return {
        "转诊日期": at.date().isoformat(),
        "联系电话": life.person.phone,
        "家庭住址": life.person.address,
        "转入机构": target.name,
        "转诊医生": seat.doctor.name,
        "转诊医生电话": seat.institution.phone,
        "转出机构": seat.institution.name,
    }


def _out(life: Life, plan: Plan, visit: Visit, seat: Any, case: Case, target: Any) -> Form:
    place, at = life.world.place, visit.end or visit.start
    department = place.department(target, plan.specialty)
    reader = place.doctor(target, department, case.random.random(), at.date())
    given = "、".join(
        [short_drug(line.drug) for one in visit.prescriptions for line in one.lines][:3]
    )
    values = _values(life, visit, seat, target) | {
        "转入科室": department.name,
        "接诊医生": reader.name,
        "初步印象": short_name(plan.diagnoses[0].name) if plan.diagnoses else "",
        "主要现病史": visit.texts["present-illness"],
        "主要既往史": visit.texts["past-history"],
        "转出原因": case.pick(_REASONS),
        "治疗经过": f"予{given}治疗" if given else "对症处理",
    }
    return _form(life, visit, seat, "referral_out", values)


def _back(life: Life, plan: Plan, visit: Visit, seat: Any, case: Case, target: Any) -> Form:
    place = life.world.place
    doctor = place.family_doctor(life.person.village, life.household.number)
    found = "；".join(
        filter(None, (remarkable(visit.reports[:3], seat.institution.key, case, 3),
                      seen(visit.studies[:2])))
    )  # fmt: skip
    western = [one for one in plan.diagnoses if one.system == "icd10"]
    values = _values(life, visit, seat, target) | {
        "接诊医生": doctor.name,
        "病案号": visit.patient,
        "主要检查结果": found,
        "治疗经过": visit.texts.get("admission-course") or "门诊诊治，病情好转",
        "诊断结果": western[0].name if western else "",
        "诊断结果编码": western[0].code if western else "",
        "下一步治疗方案及康复建议": visit.texts.get("discharge-orders") or visit.texts["advice"],
    }
    return _form(life, visit, seat, "referral_back", values)


def _form(life: Life, visit: Visit, seat: Any, kind: str, values: dict[str, str]) -> Form:
    return Form(
        person=life.person.key,
        at=(visit.end or visit.start) - timedelta(minutes=5),
        kind=kind,
        values={key: text for key, text in values.items() if text},
        institution=seat.institution.key,
        doctor=seat.doctor.code,
        because=visit.because,
    )
