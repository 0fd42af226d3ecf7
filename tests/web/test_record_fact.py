"""A fact as a clinician reads it: what, when, who, with the raw paths folded away below."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from tests.web.small_region import Region, Someone

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


class Desk:
    """A resident with a visit at MK1, and a doctor there."""

    region: Region
    who: Someone
    doctor: AsyncClient

    async def said(self, resource: dict[str, Any]) -> str:
        """What the page of a fact says above the raw paths."""
        whole = {**resource, "subject": reference("Patient", self.who.patients[0])}
        store = self.region.web.store
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, [Change(whole, "MK1")])
        kind, key = resource["resourceType"], resource["id"]
        answer = await self.doctor.get(f"/record/{self.who.person}/fact/{kind}/{key}")
        assert answer.status_code == 200
        readable, raw = answer.text.split('<details class="card mk-raw"')
        assert f"{kind}/{key}" in raw
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", readable)).split())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(web: Web) -> AsyncIterator[Desk]:
    async with Region(web) as region:
        made = Desk()
        made.region = region
        made.who = await region.born("方小棠", visit=True)
        made.doctor = await region.account("fact-dr", "doctor", "MK1")
        yield made


async def test_a_visit_says_when_it_began_and_ended_and_who_saw_whom(desk: Desk) -> None:
    said = await desk.said(
        {
            "resourceType": "Encounter",
            "id": "fact-visit",
            "status": "finished",
            "class": {"system": _ACT, "code": "AMB"},
            "serviceType": {"text": "心内科"},
            "participant": [{"individual": {"display": "王医生"}}],
            "reasonCode": [{"text": "高血压"}],
            "period": {"start": "2026-03-04T08:30:00+08:00", "end": "2026-03-04T09:10:00+08:00"},
        }
    )
    assert "2026-03-04 08:30" in said
    assert "2026-03-04 09:10" in said
    for word in ("门诊", "已结束", "心内科", "王医生", "高血压", "海滨人民医院"):
        assert word in said, word


@pytest.mark.parametrize(
    ("resource", "when"),
    [
        ({"period": {"start": "2026-02-03T07:15:00+08:00"}, "status": "in-progress"}, "07:15"),
        ({"period": {"end": "2026-02-03T07:25:00+08:00"}, "status": "finished"}, "07:25"),
    ],
)
async def test_of_an_open_period_the_end_that_is_known_is_told(
    desk: Desk, resource: dict[str, Any], when: str
) -> None:
    kind = {"class": {"system": _ACT, "code": "IMP"}}
    said = await desk.said(
        {"resourceType": "Encounter", "id": f"open-{when[-2:]}", **kind, **resource}
    )
    assert f"发生时间 2026-02-03 {when}" in said


async def test_a_result_has_its_value_unit_and_range_and_a_procedure_its_time(desk: Desk) -> None:
    at = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="seconds")
    said = await desk.said(
        {
            "resourceType": "Observation",
            "id": "fact-result",
            "status": "final",
            "code": {"text": "血钾"},
            "effectivePeriod": {"start": at},
            "valueQuantity": {"value": 6.1, "unit": "mmol/L"},
            "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.3}}],
            "performer": [{"display": "检验科李技师"}],
        }
    )
    assert "6.1 mmol/L" in said
    assert "偏高" in said
    assert "参考范围 3.5–5.3" in said
    assert "（按参考范围判断）" in said
    assert "检验科李技师" in said
    assert "发生时间 —" not in said
    done = await desk.said(
        {
            "resourceType": "Procedure",
            "id": "fact-procedure",
            "status": "completed",
            "code": {"text": "阑尾切除术"},
            "performedPeriod": {"start": "2026-01-05T10:00:00+08:00"},
            "performer": [{"actor": {"display": "赵主任"}}],
        }
    )
    assert "2026-01-05 10:00" in done
    assert "已完成" in done
    assert "赵主任" in done
