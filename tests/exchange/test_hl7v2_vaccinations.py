"""VXU V04: vaccinations given, told by others, refused and deleted."""

from itertools import permutations
from typing import Any

from tests.exchange.hl7v2_mapped import PID, after, only, refused, segment, written


def rxa(**fields: str) -> str:
    return segment(
        "RXA", **{"f1": "0", "f2": "1", "f3": "20260501", "f5": "03^麻腮风^CVX", **fields}
    )


def vxu(*segments: str, hour: int = 8, number: str = "V1") -> bytes:
    at = f"20260501{hour:02d}0000"
    orc = [segment("ORC", f1="RE", f3=number)] if number else []
    return written("VXU^V04", PID, *orc, *segments, at=at)


def vaccination(*segments: str) -> dict[str, Any]:
    return only("Immunization", vxu(*segments))


def test_a_vaccination_says_what_when_where_and_from_which_lot() -> None:
    found = vaccination(
        rxa(
            f6="0.5",
            f7="mL^毫升^UCUM",
            f9="00^新记录^NIP001",
            f10="D1^王^海燕",
            f11="^^^接种门诊",
            f15="L123",
            f16="20270131",
            f17="SP^某厂^MVX",
            f20="CP",
        ),
        "RXR|SC^皮下^L|LA^左上臂^L",
        "OBX|1|NM|30973-2^剂次^LN|1|2",
        "ZVX|追溯码",
    )
    assert (found["status"], found["primarySource"]) == ("completed", True)
    assert found["vaccineCode"]["coding"][0]["system"] == "http://hl7.org/fhir/sid/cvx"
    assert found["occurrenceDateTime"] == "2026-05-01"
    assert (found["lotNumber"], found["expirationDate"]) == ("L123", "2027-01-31")
    assert found["doseQuantity"]["unit"] == "毫升"
    assert found["protocolApplied"] == [{"doseNumberPositiveInt": 2}]
    assert (found["route"]["text"], found["site"]["text"]) == ("皮下", "左上臂")
    assert found["location"] == {"display": "接种门诊"}
    assert found["performer"] == [{"actor": {"display": "王海燕"}}]
    assert found["extension"][0]["url"] == "urn:minkang:hl7v2:ZVX"


def test_what_others_told_an_unknown_dose_and_a_refusal() -> None:
    told = vaccination(rxa(f6="999", f9="01^既往接种^NIP001"))
    assert told["primarySource"] is False
    assert told["reportOrigin"]["text"] == "既往接种"
    assert "doseQuantity" not in told
    declined = vaccination(rxa(f18="01^家长拒绝^L", f20="RE"))
    assert (declined["status"], declined["statusReason"]["text"]) == ("not-done", "家长拒绝")
    assert "Immunization" not in after(vxu(rxa(f5="998^未接种^CVX", f20="NA")))


def test_a_deletion_stands_whether_it_comes_first_or_last() -> None:
    for several in permutations([vxu(rxa(f21="A"), hour=8), vxu(rxa(f21="D"), hour=9)]):
        assert only("Immunization", *several)["status"] == "entered-in-error"


def test_several_vaccinations_with_and_without_numbers() -> None:
    several = vxu(rxa(), "ORC|RE||V2", rxa(f3="20260401"), rxa(f3="20260301"))
    found = after(several, vxu(rxa(f3="20260301"), number=""))["Immunization"]
    assert sorted(one["occurrenceDateTime"] for one in found) == [
        "2026-03-01",
        "2026-04-01",
        "2026-05-01",
    ]


def test_vaccine_and_time_are_required() -> None:
    assert refused(vxu(rxa(f3="", f5=""))) == [("RXA-5", "required"), ("RXA-3", "required")]
    assert refused(vxu(rxa(f3="20260230"))) == [("RXA-3", "calendar-date")]
    assert refused(vxu()) == [("RXA", "required")]
