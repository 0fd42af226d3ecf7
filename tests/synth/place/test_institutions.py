"""The institutions stand in the proportions of the plans, and every village has its chain of care.

Figures of 2020: Weihai plan for medical institutions, section 1 and table 1; plan for primary
care, section 1.1.
"""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from minkang.synth.place import Place
from minkang.synth.place.kinds import KINDS, OTHER, PRIMARY, PROFESSIONAL_PUBLIC_HEALTH

THEN = date(2020, 12, 31)
CODES = Path("../shared/data/places/street_codes_five_cities.csv")


def test_there_are_as_many_institutions_of_each_kind_as_in_the_city(place: Place) -> None:
    every = place.institutions
    kinds = Counter(one.kind for one in every)
    levels = Counter(one.level for one in every)
    assert len(every) == 2562
    assert sum(KINDS[one.kind].hospital for one in every) == 69
    assert sum(one.kind in PRIMARY for one in every) == 2418
    assert sum(one.kind in PROFESSIONAL_PUBLIC_HEALTH for one in every) == 55
    assert sum(one.kind in OTHER for one in every) == 20
    assert sum(one.private for one in every) == 744
    assert (kinds["township-centre"], kinds["village-room"]) == (62, 1199)
    assert kinds["community-centre"] + kinds["community-station"] == 83
    assert (levels["三级甲等"], levels["三级乙等"], levels["二级甲等"]) == (7, 1, 7)
    assert len(place.stations) == 40
    assert sum(one.vehicles for one in place.stations) == 55
    assert sum(one.negative for one in place.stations) == 11


def test_beds_per_thousand_are_those_of_the_plan_within_three_per_cent(place: Place) -> None:
    thousands = place.population / 1000

    def beds(*ranks: str, public: bool = True) -> float:
        return (
            sum(
                one.beds
                for one in place.institutions
                if one.rank in ranks and not (public and one.private)
            )
            / thousands
        )

    chinese = ("tcm-hospital", "county-tcm", "bone-hospital", "private-tcm")
    of_kind = Counter[str]()
    of_department = Counter[str]()
    for one in place.institutions:
        of_kind[one.kind] += one.beds
        of_department.update({each.key: each.beds for each in one.departments})
    everywhere = beds("city", "county", "grassroots", public=False)
    assert everywhere == pytest.approx(6.66, rel=0.03)
    assert beds("city") == pytest.approx(2.0, rel=0.03)
    assert beds("county", "grassroots") == pytest.approx(2.9, rel=0.03)
    assert beds("grassroots") == pytest.approx(0.8, rel=0.03)
    assert sum(of_kind[kind] for kind in chinese) / thousands == pytest.approx(1.14, rel=0.03)
    mental = of_kind["mental-hospital"] + of_kind["small-mental"]
    assert mental / thousands == pytest.approx(0.26, rel=0.03)
    assert of_department["intensive"] / thousands == pytest.approx(0.12, rel=0.05)
    assert of_department["rehabilitation"] / thousands == pytest.approx(0.14, rel=0.3)


def test_staff_per_thousand_is_that_of_the_plan_within_seven_per_cent(place: Place) -> None:
    thousands = place.population / 1000
    roles = Counter[str]()
    chinese = general = public_health = 0
    for institution in place.institutions:
        for one in place.staff(institution, THEN):
            roles[one.role] += 1
            public_health += institution.kind in PROFESSIONAL_PUBLIC_HEALTH
            if one.role in ("doctor", "assistant"):
                chinese += one.category == "中医"
                general += one.scope == "全科医学专业"
    doctors = roles["doctor"] + roles["assistant"]
    assert doctors / thousands == pytest.approx(3.51, rel=0.07)
    assert roles["nurse"] / thousands == pytest.approx(3.80, rel=0.07)
    assert chinese / thousands == pytest.approx(0.71, rel=0.07)
    assert public_health / thousands == pytest.approx(0.91, rel=0.07)
    assert 2.31 <= general / thousands * 10 <= 4.0  # per 10,000: base year and target of 2025
    assert sum(roles.values()) / thousands == pytest.approx(9.2, rel=0.07)
    rural = sum(town.population for town in place.towns if not town.urban) / 1000
    rooms = [one for one in place.institutions if one.kind == "village-room"]
    healers = sum(len(place.posts(room)) for room in rooms)
    assert 1.0 <= healers / rural <= 1.5


def test_every_village_has_its_chain_of_care(place: Place) -> None:
    for village in place.villages:
        primary, centre = place.primary(village.code), place.centre(village.code)
        assert primary.town == centre.town == village.town
        assert primary is centre or primary.parent == centre.key
        for care in ("village", "town", "county", "city", "tcm", "mch", "mental", "infectious",
                     "private"):  # fmt: skip
            for pick in (0.0, 0.5, 0.999):
                assert place.institution(care, village.code, pick).departments
        assert place.ambulance_station(village.code).county == village.county


def test_each_resident_is_answered_for_once(place: Place) -> None:
    centres = [one for one in place.institutions if one.kind.endswith("-centre") and one.served]
    assert sum(one.served for one in centres) == place.population
    for town in place.towns:
        assert any(one.town == town.code for one in centres)


def test_the_named_institutions_are_where_the_demonstration_looks_for_them(place: Place) -> None:
    expected = {
        "haibin": ("海滨人民医院", "MK37109800100000110001", "三级甲等", "haibin"),
        "gangcheng": ("港城中医医院", "MK37109800200000210002", "三级甲等", "gangcheng"),
        "yunxi": ("云溪社区卫生服务站", "MK37109800300000310003", "", "yunxi"),
        "songling": ("松岭人民医院", None, "二级甲等", "songling"),
        "yinxing": ("银杏妇幼保健院", None, "三级甲等", "fuyou"),
    }
    for key, (name, code, level, system) in expected.items():
        one = place.by_key[key]
        assert (one.name, one.level, one.system) == (name, level, system)
        assert code in (None, one.code)
    urban, rural = place.villages[0], place.villages[1]
    assert place.primary(urban.code).key == "yunxi"
    assert place.institution("county", rural.code, 0.1).key == "songling"
    assert place.institution("city", urban.code, 0.1).key == "haibin"
    assert place.institution("tcm", urban.code, 0.1).key == "gangcheng"


def test_keys_codes_and_names_are_unique(place: Place) -> None:
    every = place.institutions
    for values in (
        {one.key for one in every}, {one.code for one in every}, {one.name for one in every},
    ):  # fmt: skip
        assert len(values) == len(every)
    assert all(one.code.startswith("MK371098") and len(one.code) == 22 for one in every)
    assert all(one.phone.startswith("154") and len(one.phone) == 11 for one in every)
    for one in every:
        keys = [department.key for department in one.departments]
        assert len(set(keys)) == len(keys)
        assert sum(department.beds for department in one.departments) == one.beds


def test_no_name_is_what_a_real_institution_of_the_place_would_be_called(place: Place) -> None:
    ours = {one.name for one in place.institutions}
    divisions = ["威海", "威海市", "威海卫", "山东省", "石岛", "荣成石岛"]
    for name in [one.name for one in place.counties] + [one.name for one in place.towns]:
        divisions += [name, name.removesuffix("街道").removesuffix("镇").rstrip("区市")]
    endings = (
        "人民医院", "中医院", "中医医院", "市立医院", "中心医院", "医院", "卫生院", "中心卫生院",
        "妇幼保健院", "疾病预防控制中心", "社区卫生服务中心", "立医院", "整骨医院", "精神卫生中心",
    )  # fmt: skip
    assert not ours & {division + ending for division in divisions for ending in endings}


def test_a_department_is_found_for_every_specialty(place: Place) -> None:
    haibin, gangcheng = place.by_key["haibin"], place.by_key["gangcheng"]
    assert place.department(haibin, "cardiac").name == "心血管内科"
    assert place.department(gangcheng, "cardiac").name == "心病科"
    assert place.department(gangcheng, "bone").name == "骨伤科"
    assert place.department(gangcheng, "check-up").name == "治未病中心"
    assert place.department(place.by_key["yunxi"], "cardiac").name == "全科诊室"
    specialties = (
        "general internal cardiac respiratory endocrine renal digestive neurology oncology "
        "infectious surgery bone urology obstetric gynaecology paediatric neonatal child-health "
        "women-health ophthalmology ent dental skin mental tcm rehabilitation emergency intensive "
        "check-up vaccination public-health anaesthesia laboratory imaging pathology pharmacy blood"
    ).split()
    for institution in place.institutions:
        for specialty in specialties:
            assert place.department(institution, specialty) in institution.departments
    for specialty in specialties:
        assert specialty in place.department(haibin, specialty).serves


def test_codes_and_names_of_towns_are_those_of_the_state(place: Place) -> None:
    if not CODES.exists():
        pytest.skip("NOT RUN: ../shared/data/places is missing")
    rows = [line.split(",") for line in CODES.read_text("utf-8").splitlines()]
    real = {row[0]: row[1].strip('"') for row in rows if row[0].startswith("3710")}
    assert {town.code: town.name for town in place.towns} == real
