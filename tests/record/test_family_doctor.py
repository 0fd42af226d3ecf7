"""The family doctor by agreements and files: in force, over, several at once, none."""

from datetime import UTC, date, datetime
from typing import Any

from minkang.fhir import Resource
from minkang.record.family_doctor import FamilyDoctor, family_doctors_of
from minkang.record.gaps import Looked, gaps_of
from tests.record.lives import NAMES, made, stored, text

TODAY = date(2026, 11, 23)


def team(key: str, doctor: str, start: str, end: str, **more: Any) -> Resource:
    return {
        "resourceType": "CareTeam",
        "id": key,
        "status": "active",
        "name": f"{doctor}家庭医生团队",
        "participant": [{"member": {"display": doctor}}],
        "managingOrganization": [{"display": "云溪社区卫生服务站"}],
        "period": {"start": start, "end": end},
        **more,
    }


def agreement(team_id: str) -> Resource:
    section = [{"title": "团队", "entry": [{"reference": f"CareTeam/{team_id}"}]}]
    return made("Composition", "c", type=text("家庭医生签约服务协议"), section=section)


def doctors(*teams: Resource, documents: tuple[Resource, ...] = (),
            patients: tuple[Resource, ...] = ()) -> tuple[FamilyDoctor, ...]:  # fmt: skip
    return family_doctors_of(
        [stored(one) for one in teams], [stored(one) for one in documents],
        [stored(one) for one in patients], NAMES, TODAY,
    )  # fmt: skip


def filed(doctor: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": f"p-{doctor}",
            "generalPractitioner": [{"display": doctor}], **more}  # fmt: skip


def gaps(several: tuple[FamilyDoctor, ...]) -> list[str]:
    looked = Looked(
        patients=[], names=NAMES, allergies=[], blood=[], stops=[], series=[], codes=[],
        now=datetime(2026, 11, 23, tzinfo=UTC), doctors=several,
    )  # fmt: skip
    return [one.kind for one in gaps_of(looked) if one.wrong]


def test_an_agreement_in_force_names_doctor_team_institution_and_days() -> None:
    (one,) = doctors(team("t", "李鹏龙", "2026-01-01", "2026-11-23"))
    assert (one.state, one.doctor, one.team) == ("current", "李鹏龙", "李鹏龙家庭医生团队")
    assert one.institution == "云溪社区卫生服务站"
    assert (one.since, one.until) == (date(2026, 1, 1), date(2026, 11, 23))
    assert one.origin.id == "t"
    assert gaps((one,)) == []


def test_what_is_over_is_told_only_if_nothing_is_in_force() -> None:
    old = team("t1", "周敏", "2024-01-01", "2024-12-31")
    older = team("t2", "吴刚", "2023-01-01", "2023-12-31")
    coming = team("t3", "郑洁", "2027-01-01", "2027-12-31")
    assert [(one.state, one.doctor) for one in doctors(older, old, coming)] == [("ended", "周敏")]
    assert [
        one.doctor for one in doctors(old, team("t", "李鹏龙", "2026-01-01", "2026-12-31"))
    ] == ["李鹏龙"]


def test_two_agreements_at_once_are_a_contradiction() -> None:
    both = doctors(
        team("t1", "李鹏龙", "2026-01-01", "2026-12-31"),
        team("t2", "周敏", "2026-02-01", "2027-01-31"),
    )
    assert len(both) == 2
    assert gaps(both) == ["two-family-doctors"]


def test_other_teams_count_only_if_an_agreement_names_them() -> None:
    ward = team("w", "陈立", "2026-01-01", "2026-12-31", name="多学科会诊组")
    assert doctors(ward) == ()
    assert [one.doctor for one in doctors(ward, documents=(agreement("w"),))] == ["陈立"]
    assert doctors(team("t", "李鹏龙", "2026-01-01", "2026-12-31", status="inactive")) == ()


def test_a_file_names_the_responsible_doctor_unless_it_is_closed() -> None:
    (one,) = doctors(patients=(filed("李鹏龙"),))
    assert (one.state, one.institution, one.origin.type) == ("named", "一院", "Patient")
    assert doctors(patients=(filed("李鹏龙", active=False),)) == ()
    both = doctors(team("t", "李鹏龙", "2026-01-01", "2026-12-31"), patients=(filed("李鹏龙"),))
    assert [one.state for one in both] == ["current"]


def test_nobody_is_told_of_nothing() -> None:
    assert doctors() == ()
