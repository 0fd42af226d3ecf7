"""The record as a clinician opens it: every tab, from a fact to what was sent, hostile words."""

import re

import pytest

from minkang.web.record_tabs import TABS
from tests.e2e.running import Cast, People

FACT = re.compile(r'href="(/record/[^"]+/fact/[^"]+)"')


@pytest.mark.parametrize("tab", [one.name for one in TABS])
def test_every_tab_opens_whole_and_as_a_part(tab: str, people: People, cast: Cast) -> None:
    person = cast.own.person
    whole = people["yisheng"].get(f"/record/{person}", params={"tab": tab})
    assert whole.status_code == 200
    assert f'id="tab-{tab}"' in whole.text
    assert re.search(rf'id="tab-{tab}"[^>]*aria-current="page"', whole.text)
    part = people["yisheng"].get(f"/record/{person}/body", params={"tab": tab})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert f'hx-get="/record/{person}/body?tab={tab}"' in part.text


def test_every_fact_leads_to_what_was_sent(people: People, cast: Cast) -> None:
    person, doctor = cast.own.person, people["yisheng"]
    seen = set()
    for tab in TABS:
        page = doctor.get(f"/record/{person}", params={"tab": tab.name}).text
        seen |= set(FACT.findall(page)[:12])
    kinds = {one.split("/")[-2] for one in seen}
    assert {"Observation", "Condition", "Encounter"} <= kinds
    for address in sorted(seen):
        answer = doctor.get(address)
        assert answer.status_code == 200, address
        kind, key = address.split("/")[-2:]
        assert f"{kind}/{key}" in answer.text


def test_a_fact_of_somebody_else_is_like_none(people: People, cast: Cast) -> None:
    doctor, person = people["yisheng"], cast.own.person
    foreign = min(cast.other.patients)
    for kind, key in (("Patient", foreign), ("Patient", "nobody"), ("Nothing", "x")):
        assert doctor.get(f"/record/{person}/fact/{kind}/{key}").status_code == 403


def test_a_timeline_is_filtered_and_keeps_what_was_asked(people: People, cast: Cast) -> None:
    doctor, person = people["yisheng"], cast.own.person
    page = doctor.get(f"/record/{person}", params={"tab": "visits", "since": "2999-01-01"})
    assert "没有就诊记录" in page.text
    assert "since=2999-01-01" in page.text
    everything = doctor.get(f"/record/{person}", params={"tab": "visits", "since": "no day"})
    assert "mk-visit-date" in everything.text


def test_the_visitor_decides_nothing_by_odd_words(people: People, cast: Cast) -> None:
    doctor, person = people["yisheng"], cast.own.person
    odd = "<script>alert(1)</script>"
    for tab in ("nothing", odd, *(one.name for one in TABS)):
        query = dict.fromkeys(("tab", "item", "kind", "institution", "page", "document"), odd)
        page = doctor.get(f"/record/{person}", params={**query, "tab": tab})
        assert page.status_code == 200, tab
        assert odd not in page.text


def test_a_resident_sees_what_was_sent_of_the_own_record(people: People, cast: Cast) -> None:
    patient = min(cast.own.patients)
    answer = people["jumin"].get(f"/record/{cast.own.person}/fact/Patient/{patient}")
    assert answer.status_code == 200
    foreign = people["linju"].get(f"/record/{cast.own.person}/fact/Patient/{patient}")
    assert foreign.status_code == 403
