"""MDM: documents, their addenda, edits, replacements and cancellations."""

import base64
from itertools import permutations
from typing import Any

from tests.exchange.hl7v2_mapped import PID, PV1, after, only, refused, segment, written


def mdm(event: str, *contents: str, number: str = "D1", parent: str = "", hour: int = 8) -> bytes:
    at = f"20260501{hour:02d}0000"
    txa = segment(
        "TXA",
        f2="DS^出院小结",
        f4="20260501",
        f7=at,
        f9="D01^王^海燕",
        f12=number,
        f13=parent,
        f14="O1",
        f16="小结.txt",
        f17="AU",
        f18="R",
    )
    return written(f"MDM^{event}", f"EVN|{event}|{at}", PID, PV1, txa, *contents, at=at)


def text_of(document: dict[str, Any], place: int = 0) -> str:
    return base64.b64decode(document["content"][place]["attachment"]["data"]).decode()


TEXT = ["OBX|1|TX|S^主诉||头痛三天", "OBX|2|FT|S||治疗后好转\\.br\\出院", "OBX|3|NM|W^体重||60|kg"]


def test_a_document_keeps_its_text_and_who_wrote_it() -> None:
    document = only("DocumentReference", mdm("T02", *TEXT, "ZMD|本院"))
    assert text_of(document) == "头痛三天\n治疗后好转\n出院\n体重: 60 kg"
    attachment = document["content"][0]["attachment"]
    assert attachment["contentType"] == "text/plain; charset=utf-8"
    assert attachment["title"] == "小结.txt"
    assert (document["status"], document["docStatus"]) == ("current", "final")
    assert document["type"]["coding"][0]["system"].endswith("v2-0270")
    assert document["author"] == [{"display": "王海燕"}]
    assert document["date"] == "2026-05-01T08:00:00+08:00"
    assert document["securityLabel"][0]["coding"][0]["code"] == "R"
    assert document["context"]["period"] == {"start": "2026-05-01"}
    assert document["extension"][0]["valueString"] == "ZMD|本院"


def test_files_are_attachments() -> None:
    data = base64.b64encode(b"%PDF-1.7").decode()
    document = only(
        "DocumentReference",
        mdm(
            "T02",
            f"OBX|1|ED|P^报告||^AP^pdf^Base64^{data}",
            "OBX|2|ED|P||^TEXT^plain^Hex^E4BDA0",
            "OBX|3|RP|P^影像||http://pacs/1?a=1\\T\\b=2^^IM^jpeg",
        ),
    )
    first, second, third = (one["attachment"] for one in document["content"])
    assert first == {"contentType": "application/pdf", "data": data, "title": "报告"}
    assert base64.b64decode(second["data"]).decode() == "你"
    assert third["url"] == "http://pacs/1?a=1&b=2"


def test_a_file_that_cannot_be_decoded_is_refused_with_its_place() -> None:
    raw = mdm("T02", "OBX|1|ED|P||^AP^pdf^Base64^@@@", "OBX|2|ED|P||^AP^pdf^Hex^xyz")
    assert refused(raw) == [("OBX[1]-5.5", "base64"), ("OBX[2]-5.5", "base64")]


def test_a_notification_never_takes_the_content_away() -> None:
    told, sent = mdm("T01", hour=9), mdm("T02", *TEXT, hour=8)
    assert only("DocumentReference", told)["content"][0]["attachment"]["title"] == "小结.txt"
    for several in permutations([told, sent]):
        assert text_of(only("DocumentReference", *several)).startswith("头痛三天")


def test_an_edit_replaces_the_content_and_a_cancellation_stands() -> None:
    messages = [
        mdm("T02", *TEXT, hour=8),
        mdm("T08", "OBX|1|TX|||改过的", hour=9),
        mdm("T11", hour=10),
    ]
    for several in permutations(messages):
        document = only("DocumentReference", *several)
        assert (text_of(document), document["status"]) == ("改过的", "entered-in-error")


def test_an_addendum_appends_and_a_replacement_supersedes() -> None:
    messages = [
        mdm("T02", *TEXT, hour=8),
        mdm("T06", "OBX|1|TX|||补充", number="D2", parent="D1", hour=9),
        mdm("T10", "OBX|1|TX|||新版", number="D3", parent="D1", hour=10),
    ]
    for several in permutations(messages):
        found = {
            one["masterIdentifier"]["value"]: one for one in after(*several)["DocumentReference"]
        }
        target = {"reference": f"DocumentReference/{found['D1']['id']}"}
        assert found["D1"]["status"] == "superseded"
        assert text_of(found["D1"]).startswith("头痛三天")
        assert found["D2"]["relatesTo"] == [{"code": "appends", "target": target}]
        assert found["D3"]["relatesTo"] == [{"code": "replaces", "target": target}]


def test_a_document_without_number_is_refused() -> None:
    assert refused(mdm("T02", number="")) == [("TXA-12", "required")]
    assert refused(written("MDM^T02", PID)) == [("TXA", "required")]
