"""Codes of sources at the console: the queue, one code, a whole table; and the terminology."""

import csv
import html
import io
import re
from typing import Any

import httpx
import pytest

from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast, People

LOINC = "http://loinc.org"
GLUCOSE = "2345-7"


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


@pytest.fixture(scope="module")
def waiting(platform: Installation, cast: Cast) -> dict[str, Any]:
    """The code of the demonstration that waits most often."""
    del cast
    (row,) = platform.fetch(
        """select source, system, code, display, count from terminology.unmapped
           where mapped is null order by count desc, source, system, code limit 1"""
    )
    return dict(row)


def about(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("source", "system", "code")}


def coded(platform: Installation) -> int:
    """How many resources the platform coded anew, in recodings that are done."""
    (row,) = platform.fetch(
        """select coalesce(sum(changed), 0) as n, count(*) filter (where finished is null) as open
           from terminology.recoding"""
    )
    return -1 if row["open"] else int(row["n"])


def test_a_code_is_decided_on_and_taken_back(
    platform: Installation, people: People, waiting: dict[str, Any]
) -> None:
    centre = people["xinxi"]
    assert waiting["code"] in words(centre.get("/centre/codes"))
    page = centre.get("/centre/codes/one", params=about(waiting))
    assert waiting["display"] in words(page)
    assert 'href="/centre/messages?resource=' in page.text
    before = coded(platform)
    target = {"target_system": LOINC, "target_code": GLUCOSE, "target_display": "试验"}
    answer = centre.post("/centre/codes/decide", data={**about(waiting), **target})
    assert answer.status_code == 303
    becomes(lambda: coded(platform) > before, 20)
    text = words(centre.get("/centre/codes/one", params=about(waiting)))
    assert f"已对照为 {GLUCOSE} 试验" in text
    done = words(centre.get("/centre/codes", params={"shown": "done"}))
    assert GLUCOSE in done

    after = coded(platform)
    centre.post("/centre/codes/decide", data={**about(waiting), "action": "undo"})
    becomes(lambda: coded(platform) > after, 20)
    assert "已对照为" not in words(centre.get("/centre/codes/one", params=about(waiting)))
    (entry,) = platform.fetch(
        """select action, object_id from audit.entry where action = 'map-codes' and allowed
           order by at desc, seq desc limit 1"""
    )
    assert entry["object_id"] == waiting["source"]


def test_a_wrong_code_is_refused_in_words(people: People, waiting: dict[str, Any]) -> None:
    target = {"target_system": LOINC, "target_code": "2345-6"}
    answer = people["xinxi"].post("/centre/codes/decide", data={**about(waiting), **target})
    assert answer.status_code == 422
    assert "LOINC 中没有代码 2345-6" in html.unescape(answer.text)


def test_a_table_goes_out_and_comes_back(
    platform: Installation, people: People, waiting: dict[str, Any]
) -> None:
    centre, source = people["xinxi"], waiting["source"]
    sent = centre.get("/centre/codes/table", params={"source": source}).content
    rows = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    assert rows[1][1] == waiting["code"]
    rows[1][5], rows[2][7], rows[3][5] = GLUCOSE, "无对应", "nonsense"
    rows[1][4] = rows[3][4] = LOINC

    def offered() -> httpx.Response:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return centre.post(
            "/centre/codes/check",
            data={"source": source},
            files={"file": ("map.csv", out.getvalue().encode("gb18030"))},
        )

    refused = words(offered())
    assert "1 行有误，什么都没有改动" in refused
    assert "4 LOINC 中没有代码 nonsense unknown-code" in refused
    rows[3][5] = ""
    good = offered()
    assert "1 个编码将对到标准编码，1 个标为无对应" in words(good)
    found = re.search(r'name="offered" value="([^"]+)"', good.text)
    assert found
    confirmed = {"source": source, "offered": found[1]}
    assert centre.post("/centre/codes/import", data=confirmed).status_code == 303
    assert centre.post("/centre/codes/import", data=confirmed).status_code == 404
    done = platform.fetch(
        "select code, mapped_code from terminology.unmapped where mapped is not null order by code"
    )
    assert {row["code"]: row["mapped_code"] for row in done} == {
        rows[1][1]: GLUCOSE,
        rows[2][1]: "",
    }
    for row in rows[1:3]:
        code = {"source": source, "system": row[0], "code": row[1], "action": "undo"}
        centre.post("/centre/codes/decide", data=code)


def test_the_terminology_is_browsed_as_of_a_day(people: People, cast: Cast) -> None:
    del cast
    centre = people["xinxi"]
    assert "行政区划代码" in words(centre.get("/centre/terminology"))
    at = "/centre/terminology/system"
    diagnoses = centre.get(at, params={"url": "urn:minkang:cs:icd10-cn", "q": "gxy"})
    assert "I10.x00" in words(diagnoses)
    district = {"url": "urn:minkang:cs:gbt2260", "code": "110103"}
    gone = words(centre.get(at, params=district))
    assert "不在有效期内" in gone
    assert "当日的现行代码 110101" in gone
    assert "不在有效期内" not in words(centre.get(at, params={**district, "on": "2009-06-01"}))
    covid = {"url": "urn:minkang:cs:notifiable", "code": "covid-19"}
    assert "报告时限（小时） 2" in words(centre.get(at, params={**covid, "on": "2022-06-01"}))
    assert "报告时限（小时） 24" in words(centre.get(at, params={**covid, "on": "2024-06-01"}))
    chapters = words(centre.get(at, params={"url": "urn:minkang:cs:icd10-cn"}))
    assert "A00-B99 某些传染病和寄生虫病" in chapters
    assert centre.get(at, params={"url": "urn:nobody"}).status_code == 404


def test_a_value_set_is_expanded(people: People, cast: Cast) -> None:
    del cast
    at = "/centre/terminology/set"
    page = people["xinxi"].get(at, params={"url": "urn:minkang:vs:gbt2261.1"})
    assert "2 女性" in words(page)
    unknown = people["xinxi"].get(at, params={"url": "urn:nobody"})
    assert "没有值集 urn:nobody" in words(unknown)


def test_the_centre_asks_at_the_fhir_base_what_codes_mean(people: People, cast: Cast) -> None:
    """And nothing else there."""
    del cast
    centre = people["xinxi"]
    asked = {"system": "urn:minkang:cs:icd10-cn", "code": "I10.x00"}
    found = centre.get("/fhir/CodeSystem/$lookup", params=asked)
    assert found.status_code == 200
    assert "特发性（原发性）高血压" in found.text
    assert centre.get("/fhir/Patient/x").status_code == 403
    assert people["jumin"].get("/fhir/CodeSystem/$lookup", params=asked).status_code == 403
