"""The visits of a record by topics: the switch, filters, pages, and nothing of what is withheld."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from tests.web.small_region import Region, Someone

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_ICD_10 = "urn:oid:2.16.156.10011.2.3.3.11"
_VISITS = 35


class Desk:
    """A resident with many visits for hypertension and one to the Chinese doctor at MK1; and a
    doctor there. MK2 wrote a diagnosis of mental health."""

    region: Region
    who: Someone
    doctor: AsyncClient
    psychiatrist: AsyncClient

    async def page(self, client: AsyncClient | None = None, **query: str) -> str:
        """The visits tab, its text as it is read."""
        params = {"tab": "visits", **query}
        answer = await (client or self.doctor).get(f"/record/{self.who.person}", params=params)
        assert answer.status_code == 200
        return html.unescape(answer.text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(web: Web) -> AsyncIterator[Desk]:
    async with Region(web) as region:
        made = Desk()
        made.region = region
        made.who = await region.born("方小梅", visit=True)
        made.doctor = await region.account("topics-dr", "doctor", "MK1")
        made.psychiatrist = await region.account("topics-psy", "doctor", "MK2")
        patient, other = made.who.patients
        facts = [one for n in range(_VISITS) for one in _hypertension(patient, n)]
        facts.append(_visit(patient, "tcm", 400, serviceType={"text": "国医堂"}))
        there = [_visit(other, "there", 3)]
        async with web.store.pool.acquire() as connection, connection.transaction():
            await write(web.store, connection, [Change(one, "MK1") for one in facts])
            await write(web.store, connection, [Change(one, "MK2") for one in there])
        yield made


def _visit(patient: str, key: str, days: int, **more: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    return {
        "resourceType": "Encounter",
        "id": f"{patient}-{key}",
        "status": "finished",
        "class": {"system": _ACT, "code": "AMB"},
        "subject": reference("Patient", patient),
        "period": {"start": at},
        **more,
    }


def _hypertension(patient: str, number: int) -> list[dict[str, Any]]:
    visit = _visit(patient, f"h{number}", 10 + number)
    diagnosis = {
        "resourceType": "Condition",
        "id": f"{patient}-h{number}-c",
        "subject": reference("Patient", patient),
        "encounter": reference("Encounter", visit["id"]),
        "recordedDate": visit["period"]["start"],
        "code": {"coding": [{"system": _ICD_10, "code": "I10.x00"}], "text": "高血压"},
    }
    return [visit, diagnosis]


async def test_the_switch_leads_to_topics_and_back_and_keeps_the_filters(desk: Desk) -> None:
    visits = await desk.page(institution="海滨人民医院")
    (way,) = re.findall(r'id="by-topic" href="([^"]+)"', visits)
    assert "by=topic" in way
    assert "institution=" in way
    topics = html.unescape((await desk.doctor.get(way)).text)
    assert re.search(r'id="by-topic" aria-current="true"', topics)
    (back,) = re.findall(r'id="by-visit" href="([^"]+)"', topics)
    assert "by=" not in back
    assert "institution=" in back
    assert '<input type="hidden" name="by" value="topic">' in topics


async def test_topics_are_a_table_with_a_caption_and_lead_to_their_visits(desk: Desk) -> None:
    page = await desk.page(by="topic")
    table = page[page.index('id="topics"') :]
    table = table[: table.index("</table>")]
    assert "<caption" in table
    assert all('scope="' in one for one in re.findall(r"<th\b[^>]*>", table))
    names = re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', table)
    assert names[0] == "高血压"
    assert "中医" in names
    assert "mk-visit-date" not in page
    row = table[table.index(">高血压</a>") :]
    assert f">{_VISITS}</td>" in row[: row.index("</tr>")]


async def test_a_topic_is_paged_and_the_pages_stay_in_it(desk: Desk) -> None:
    first = await desk.page(by="topic", topic="hypertension")
    assert first.count('class="mk-visit-date"') == 30
    (older,) = re.findall(r'href="([^"]+)">更早的就诊', first)
    second = html.unescape((await desk.doctor.get(older)).text)
    assert second.count('class="mk-visit-date"') == _VISITS - 30
    assert re.search(r'href="[^"]*topic=hypertension[^"]*">较近的就诊', second)
    assert '<input type="hidden" name="topic" value="hypertension">' in second


async def test_a_filter_counts_within_the_topics(desk: Desk) -> None:
    old = (datetime.now(UTC) - timedelta(days=300)).date().isoformat()
    page = await desk.page(by="topic", until=old)
    assert ">中医</a>" in page
    assert ">高血压</a>" not in page
    nothing = await desk.page(by="topic", since="2999-01-01")
    assert 'id="topics"' not in nothing
    assert "没有就诊记录" in nothing


async def test_nothing_of_what_is_withheld_comes_up(desk: Desk) -> None:
    """The diagnosis of mental health at MK2 is sensitive, and there is no consent to its visit."""
    own = await desk.page(desk.psychiatrist, by="topic")
    assert "精神和心理" in own
    page = await desk.page(by="topic")
    assert "精神和心理" not in page
    assert "港城中医医院" not in page
    asked = await desk.page(by="topic", topic="mind")
    assert "精神和心理" not in asked
    assert 'id="topics"' in asked


async def test_odd_words_ask_for_the_list(desk: Desk) -> None:
    for odd in ("nothing", "<script>", "other'--"):
        page = await desk.page(by="topic", topic=odd)
        assert 'id="topics"' in page
        assert "<script>" not in page[page.index('id="record-body"') : page.index('id="topics"')]
    assert "mk-visit-date" in await desk.page(by="odd", topic="hypertension")


async def test_topics_are_named_in_english_too(desk: Desk) -> None:
    desk.doctor.cookies.set("minkang_language", "en")
    try:
        assert ">Hypertension</a>" in await desk.page(by="topic")
    finally:
        desk.doctor.cookies.delete("minkang_language")
