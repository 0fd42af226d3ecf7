"""The overview of a record: who looks after somebody, chronic diseases, pregnancy, vaccinations and
what comes next; what is missing, contradicts itself or is withheld."""

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from minkang.web.wording import ZONE
from tests.web.small_region import Region, Someone

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_ICD_10 = "urn:oid:2.16.156.10011.2.3.3.11"
_LOINC = "http://loinc.org"
_TODAY = datetime.now(ZONE).date()


def _day(before: int) -> str:
    return (_TODAY - timedelta(days=before)).isoformat()


class Desk:
    """A doctor at MK1, and residents who lately were there."""

    region: Region
    doctor: AsyncClient

    async def somebody(self, name: str, age: int = 50) -> Someone:
        """A resident of an age, seen at MK1."""
        return await self.region.born(name, age, visit=True)

    async def sent(self, who: Someone, *resources: dict[str, Any], at: str = "MK1") -> None:
        """What an institution writes of a resident."""
        patient = who.patients[0 if at == "MK1" else 1]
        about = reference("Patient", patient)
        store = self.region.web.store
        changes = []
        for one in resources:
            of = (
                "patient" if one["resourceType"] in ("EpisodeOfCare", "Immunization") else "subject"
            )
            changes.append(Change({**one, "id": f"{patient}-{one['id']}", of: about}, at))
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, changes)

    async def overview(self, who: Someone) -> str:
        """The record on the page, as it is sent."""
        answer = await self.doctor.get(f"/record/{who.person}")
        assert answer.status_code == 200
        return answer.text[answer.text.index('<header class="mk-identity"') :]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(web: Web) -> AsyncIterator[Desk]:
    async with Region(web) as region:
        made = Desk()
        made.region = region
        made.doctor = await region.account("cards-dr", "doctor", "MK1")
        yield made


def _words(page: str, begin: str, end: str = "</section>") -> str:
    """What stands from a mark on, without the tags."""
    part = page[page.index(begin) :]
    said = re.sub(r"<[^>]*>", " ", part[: part.index(end)])
    return " ".join(html.unescape(said).split())


def _diagnosis(key: str, code: str, name: str) -> dict[str, Any]:
    code_of = {"coding": [{"system": _ICD_10, "code": code}], "text": name}
    return {"resourceType": "Condition", "id": key, "recordedDate": _day(400), "code": code_of}


def _care() -> dict[str, Any]:
    kind = [{"text": "高血压患者健康管理"}]
    return {"resourceType": "EpisodeOfCare", "id": "care", "status": "active", "type": kind}


def _pressure(high: int, low: int, before: int) -> dict[str, Any]:
    parts = [
        {
            "code": {"coding": [{"system": _LOINC, "code": code}], "text": name},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }
        for code, name, value in (("8480-6", "收缩压", high), ("8462-4", "舒张压", low))
    ]
    kind = {"coding": [{"code": "vital-signs"}]}
    return {
        "resourceType": "Observation", "id": "bp", "status": "final", "category": [kind],
        "effectiveDateTime": _day(before), "component": parts,
        "code": {"coding": [{"system": _LOINC, "code": "85354-9"}], "text": "血压"},
    }  # fmt: skip


def _followed(before: int) -> dict[str, Any]:
    title = {"coding": [{"code": "HSDB04.01"}], "text": "高血压患者随访服务记录表"}
    return {
        "resourceType": "Composition", "id": "form", "status": "final", "type": title,
        "date": _day(before), "title": title["text"], "author": [{"display": "李鹏龙"}],
    }  # fmt: skip


def _team(key: str, doctor: str, until: str) -> dict[str, Any]:
    return {
        "resourceType": "CareTeam", "id": key, "status": "active", "name": f"{doctor}家庭医生团队",
        "participant": [{"member": {"display": doctor}}],
        "period": {"start": _day(300), "end": until},
    }  # fmt: skip


async def test_of_somebody_without_anything_only_what_matters_is_missed(desk: Desk) -> None:
    page = await desk.overview(await desk.somebody("白无双"))
    assert "没有见到签约或责任医生" in page
    for absent in ("chronic-title", "services-title", "shots-title", "预产期", "既往妊娠"):
        assert absent not in page, absent


async def test_a_chronic_disease_says_how_it_stands_and_leads_to_each_source(desk: Desk) -> None:
    who = await desk.somebody("韩高压")
    await desk.sent(
        who, _diagnosis("c", "I10.x00", "高血压"), _care(), _pressure(152, 88, 20), _followed(120)
    )
    page = await desk.overview(who)
    said = _words(page, 'id="chronic-title"')
    for word in ("高血压", "已纳入管理", "152/88", "控制不满意", "<140/90", _day(120), _day(28),
                 "超期 28 天", "按规范推算", "MK1"):  # fmt: skip
        assert word in said, word
    table = page[page.index('id="chronic-title"') :]
    table = table[: table.index("</table>")]
    assert "<caption" in table
    kinds = set(re.findall(r"/fact/(\w+)/", table))
    assert kinds == {"Condition", "EpisodeOfCare", "Observation", "Composition"}
    for address in re.findall(r'href="(/record/[^"]+/fact/[^"]+)"', table):
        assert (await desk.doctor.get(address)).status_code == 200
    assert "高血压随访" in _words(page, 'id="services-title"')


async def test_what_is_not_managed_or_not_diagnosed_is_marked(desk: Desk) -> None:
    unmanaged = await desk.somebody("孔未管")
    await desk.sent(unmanaged, _diagnosis("c", "I10.x00", "高血压"))
    said = _words(await desk.overview(unmanaged), 'id="chronic-title"')
    assert "没有见到管理登记" in said
    assert "没有见到随访记录" in said
    assert "没有可用的测量结果" in said
    undiagnosed = await desk.somebody("孔未诊")
    await desk.sent(undiagnosed, _care())
    said = _words(await desk.overview(undiagnosed), 'id="chronic-title"')
    assert "已纳入管理，但没有见到诊断" in said


async def test_other_institutions_do_not_come_up_without_consent(desk: Desk) -> None:
    """Neither the disease nor its care, nor a follow-up that would be due, nor the doctor."""
    who = await desk.somebody("严保密")
    await desk.sent(
        who, _diagnosis("c", "I10.x00", "高血压"), _care(), _followed(300),
        _team("t", "周暗", _day(-100)), at="MK2",
    )  # fmt: skip
    page = await desk.overview(who)
    for absent in ("高血压", "周暗", "chronic-title", "services-title", "MK2"):
        assert absent not in page, absent


async def test_a_family_doctor_is_named_and_two_at_once_are_a_contradiction(desk: Desk) -> None:
    who = await desk.somebody("秦签约")
    await desk.sent(who, _team("t1", "李鹏龙", _day(-30)))
    page = await desk.overview(who)
    said = _words(page, "家庭医生</span>", "</div>")
    for word in ("李鹏龙", "签约中", _day(-30)):
        assert word in said, word
    assert f"/fact/CareTeam/{who.patients[0]}-t1" in page
    await desk.sent(who, _team("t2", "周敏", _day(-60)))
    assert "同时有几份有效的家庭医生签约" in await desk.overview(who)
    over = await desk.somebody("秦到期")
    await desk.sent(over, _team("t", "吴刚", _day(10)))
    assert "签约已到期" in _words(await desk.overview(over), "家庭医生</span>", "</div>")


async def test_a_pregnancy_says_week_last_and_next_visit(desk: Desk) -> None:
    who = await desk.somebody("陶有喜", 28)
    last_period = {
        "resourceType": "Observation", "id": "lmp", "status": "final",
        "effectiveDateTime": _day(30), "valueDateTime": _day(100),
        "code": {"coding": [{"system": _LOINC, "code": "8665-2"}], "text": "末次月经"},
    }  # fmt: skip
    visit = {
        "resourceType": "Encounter", "id": "anc", "status": "finished",
        "class": {"system": _ACT, "code": "AMB"}, "period": {"start": f"{_day(30)}T09:00:00+08:00"},
        "type": [{"text": "第1次产前检查服务记录表"}],
    }  # fmt: skip
    planned = {
        "resourceType": "ServiceRequest", "id": "next", "status": "active", "intent": "plan",
        "code": {"text": "随访"}, "occurrenceDateTime": _day(2),
        "encounter": reference("Encounter", f"{who.patients[0]}-anc"),
    }  # fmt: skip
    await desk.sent(who, last_period, visit, planned)
    page = await desk.overview(who)
    said = _words(page, "妊娠</span>", "</div>\n")
    for word in ("孕 14 周", "预产期", "上次产检", "下次产检", _day(2), "已过约定日期"):
        assert word in said, word
    assert f"/fact/ServiceRequest/{who.patients[0]}-next" in page


async def test_a_child_has_its_doses_given_and_overdue(desk: Desk) -> None:
    child = await desk.somebody("柳小苗", 3)
    dose = {
        "resourceType": "Immunization", "id": "hepb", "status": "completed",
        "vaccineCode": {"text": "乙肝疫苗"}, "occurrenceDateTime": _day(900),
        "protocolApplied": [{"doseNumberPositiveInt": 3}],
    }  # fmt: skip
    await desk.sent(child, dose)
    page = await desk.overview(child)
    said = _words(page, 'id="shots-title"')
    assert "乙肝疫苗 第 3 剂" in said
    assert "逾期未种 乙肝疫苗 第 2 剂" in said
    assert "登记的剂次多于见到的接种记录" in said
    assert "另有" in said
    assert f"/fact/Immunization/{child.patients[0]}-hepb" in page
    assert "儿童健康检查" in _words(page, 'id="services-title"')


async def test_headings_go_down_one_step_at_a_time_and_ids_are_used_once(desk: Desk) -> None:
    who = await desk.somebody("齐全", 70)
    await desk.sent(
        who, _diagnosis("c", "I10.x00", "高血压"), _care(), _pressure(138, 80, 20), _followed(20),
        _team("t", "李鹏龙", _day(-30)), _diagnosis("d", "E11.900", "2型糖尿病"),
    )  # fmt: skip
    page = await desk.overview(who)
    levels = [int(one) for one in re.findall(r"<h([1-6])\b", page)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<table") == page.count("<caption")
