"""A resident's own pages: an old woman reads what she has, a guardian reads what a guardian may."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.accounts.fhir_directory import sync_directory
from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from tests.web.small_region import Region, Someone

NOW = datetime.now(UTC)
TOPICS = ("results", "medicines", "visits", "vaccinations", "growth", "documents", "emergency")
HBA1C = ("4548-4", "糖化血红蛋白")
POTASSIUM = ("2823-3", "钾")
CHOLESTEROL = ("14647-2", "总胆固醇")
SCRIPT = "<script>alert(1)</script>"


class Scene:
    """An old woman with a full life, a mother with a child and a youth, a stranger."""

    region: Region
    granny: Someone
    mother: Someone
    child: Someone
    youth: Someone
    old: AsyncClient
    own: AsyncClient
    doctor: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.granny = await region.born("谷春华", 72)
        made.mother = await region.born("田小青", 38)
        made.child = await region.born("田小苗", 3, visit=True)
        made.youth = await region.born("田小年", 15, visit=True)
        made.old = await region.account("granny", "resident", person=made.granny)
        made.own = await region.account("mother-p", "resident", person=made.mother)
        made.doctor = await region.account("gp-pages", "gp", "MK4")
        await sync_directory(region.web.store)
        await put(region, made.granny.patients, a_long_life)
        await put(region, made.child.patients, a_short_life)
        await put(region, made.youth.patients, a_youth)
        yield made


async def guard(scene: Scene, one: Someone) -> None:
    """The mother asks for a child, the family doctor confirms."""
    form = {
        "name": one.name,
        "number": one.number,
        "kind": "child",
        "evidence": "birth-certificate",
        "document": "出-118",
        "institution": "MK4",
    }
    assert (await scene.own.post("/me/family", data=form)).status_code == 303
    page = (await scene.doctor.get("/families")).text
    (request,) = re.findall(r'name="relation" value="([0-9a-f-]{36})"', page)
    decided = {"relation": request, "decision": "confirm"}
    assert (await scene.doctor.post("/families/decide", data=decided)).status_code == 303


async def put(region: Region, patients: tuple[str, str], life: Any) -> None:
    """Write what a life gives for the Patients of MK1 and MK2."""
    changes = [Change(resource, source) for resource, source in life(*patients)]
    async with region.web.store.pool.acquire() as connection, connection.transaction():
        await write(region.web.store, connection, changes)


def day(days: int) -> str:
    """A day so many days from now."""
    return (NOW + timedelta(days=days)).date().isoformat()


def at(days: int) -> str:
    """A time so many days from now."""
    return (NOW + timedelta(days=days)).isoformat(timespec="seconds")


def coded(system: str, code: str, text: str) -> dict[str, Any]:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code}], "text": text}


def laboratory(
    patient: str, key: str, code: tuple[str, str], value: tuple[str, str], days: int, **more: Any
) -> dict[str, Any]:
    """A laboratory value."""
    return {
        "resourceType": "Observation",
        "id": f"{patient}-{key}",
        "status": "final",
        "category": [
            coded(
                "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "检验"
            )
        ],
        "code": coded("http://loinc.org", *code),
        "subject": reference("Patient", patient),
        "effectiveDateTime": at(days),
        "valueQuantity": {"value": float(value[0]), "unit": value[1]},
        **more,
    }


def flagged(flag: str, text: str) -> dict[str, Any]:
    """The laboratory's own flag and range."""
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {
        "interpretation": [coded(system, flag, flag)],
        "referenceRange": [{"text": text}],
    }


def prescribed(patient: str, key: str, name: str, days: int, supply: int) -> dict[str, Any]:
    """A prescription."""
    return {
        "resourceType": "MedicationRequest",
        "id": f"{patient}-{key}",
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": reference("Patient", patient),
        "encounter": reference("Encounter", f"{patient}-seen"),
        "authoredOn": at(days),
        "requester": {"display": "高医生"},
        "dosageInstruction": [{"text": "口服 每次0.5g 每日两次"}],
        "dispenseRequest": {
            "expectedSupplyDuration": {
                "value": supply, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d",
            },
        },
    }  # fmt: skip


def a_long_life(one: str, two: str) -> list[tuple[dict[str, Any], str]]:
    """High blood pressure, sugar, a penicillin allergy, the same medicine from two hospitals."""
    icd = "http://hl7.org/fhir/sid/icd-10"
    subject = {"subject": reference("Patient", one)}
    seen = {"encounter": reference("Encounter", f"{one}-seen")}
    facts: list[dict[str, Any]] = [
        {
            "resourceType": "Encounter",
            "id": f"{one}-seen",
            "status": "finished",
            "class": {"code": "AMB"},
            "serviceType": {"text": "全科"},
            "period": {"start": at(-20)},
            **subject,
        },
        {
            "resourceType": "Condition",
            "id": f"{one}-pressure",
            "code": coded(icd, "I10.x00", f"原发性高血压{SCRIPT}"),
            "recordedDate": at(-20),
            **subject,
            **seen,
        },
        {
            "resourceType": "Condition",
            "id": f"{one}-form",
            "code": {"text": "3"},
            "recordedDate": at(-900),
            **subject,
        },
        laboratory(one, "now", HBA1C, ("8.6", "%"), -20, **flagged("H", "4.0-6.0"), **seen),
        laboratory(one, "before", HBA1C, ("7.4", "%"), -200, **flagged("H", "4.0-6.0")),
        laboratory(one, "potassium", POTASSIUM, ("6.4", "mmol/L"), -3, **flagged("HH", "3.5-5.3")),
        laboratory(one, "fat", CHOLESTEROL, ("4.1", "mmol/L"), -20, **flagged("N", "<5.2")),
        {
            "resourceType": "Observation",
            "id": f"{one}-group",
            "status": "final",
            "code": coded("http://loinc.org", "883-9", "血型"),
            "valueCodeableConcept": {"text": "AB型"},
            **subject,
        },
        {
            "resourceType": "AllergyIntolerance",
            "id": f"{one}-allergy",
            "code": {"text": "青霉素"},
            "patient": reference("Patient", one),
        },
        prescribed(one, "metformin", "盐酸二甲双胍片", -20, 56),
        prescribed(one, "old", "阿莫西林胶囊", -300, 5),
        {
            "resourceType": "DiagnosticReport",
            "id": f"{one}-report",
            "status": "final",
            "code": {"text": "颈动脉彩超"},
            "conclusion": f"双侧颈动脉内中膜增厚{SCRIPT}",
            "issued": at(-20),
            **subject,
            **seen,
        },
        {
            "resourceType": "Composition",
            "id": f"{one}-note",
            "status": "final",
            "type": {"text": "门诊病历"},
            "title": "门诊病历",
            "date": at(-20),
            "author": [{"display": "高医生"}],
            "section": [
                {
                    "title": "主诉",
                    "text": {
                        "status": "additional",
                        "div": '<div xmlns="http://www.w3.org/1999/xhtml">头晕<b>三</b>天</div>',
                    },
                },
                {"title": "诊断", "entry": [reference("Condition", f"{one}-pressure")]},
                {"title": "空的"},
            ],
            **subject,
        },
        {
            "resourceType": "ServiceRequest",
            "id": f"{one}-follow",
            "status": "active",
            "intent": "plan",
            "code": {"text": "随访"},
            "authoredOn": at(-20),
            "occurrenceDateTime": day(9),
            **subject,
        },
        {
            "resourceType": "ServiceRequest",
            "id": f"{one}-follow-before",
            "status": "active",
            "intent": "plan",
            "code": {"text": "随访"},
            "authoredOn": at(-110),
            "occurrenceDateTime": day(-21),
            **subject,
        },
    ]  # fmt: skip
    return [
        *((fact, "MK1") for fact in facts),
        (
            {
                "resourceType": "Patient",
                "id": two,
                "name": [{"text": "谷春华"}],
                "contact": [
                    {
                        "name": {"text": "谷小明"},
                        "relationship": [{"text": "儿子"}],
                        "telecom": [{"system": "phone", "value": "13000000001"}],
                    }
                ],
            },
            "MK2",
        ),
        (prescribed(two, "metformin", "盐酸二甲双胍片", -10, 30), "MK2"),
    ]


def a_short_life(one: str, _: str) -> list[tuple[dict[str, Any], str]]:
    """A vaccination and a height."""
    return [
        (
            {
                "resourceType": "Immunization",
                "id": f"{one}-mmr",
                "status": "completed",
                "vaccineCode": {"text": "麻腮风疫苗"},
                "patient": reference("Patient", one),
                "occurrenceDateTime": day(-60),
                "protocolApplied": [{"doseNumberPositiveInt": 2}],
            },
            "MK1",
        ),
        (
            {
                **laboratory(one, "height", ("8302-2", "身高"), ("96.5", "cm"), -30),
                "category": [
                    coded(
                        "http://terminology.hl7.org/CodeSystem/observation-category",
                        "vital-signs",
                        "体征",
                    )
                ],
            },
            "MK1",
        ),
    ]


def a_youth(one: str, two: str) -> list[tuple[dict[str, Any], str]]:
    """A document that refers to the diagnosis of mental health, which is the youth's own."""
    return [
        (
            {
                "resourceType": "Composition",
                "id": f"{two}-letter",
                "status": "final",
                "type": {"text": "门诊病历"},
                "title": "门诊病历",
                "date": at(-20),
                "author": [{"display": "高医生"}],
                "subject": reference("Patient", two),
                "section": [
                    {"title": "诊断", "entry": [reference("Condition", f"{two}-diagnosis")]}
                ],
            },
            "MK2",
        )
    ]


async def words(client: AsyncClient, path: str) -> str:
    """A page's text without its markup, spaces as one."""
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert SCRIPT not in answer.text
    main = answer.text.partition('<main id="main"')[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


async def test_the_home_says_what_to_do_next(scene: Scene) -> None:
    page = await words(scene.old, "/me")
    assert "接下来要做的" in page
    assert f"家庭医生要给您随访 {day(9)}" in page
    assert day(-21) not in page  # a later plan took its place
    assert "钾：很高，请尽快看医生" in page


async def test_results_are_told_with_what_they_mean(scene: Scene) -> None:
    page = await words(scene.old, "/me/results")
    first, second = page.index("很高，请尽快看医生"), page.index("偏高 8.6 %")
    assert first < second  # the critical one stands first
    assert "糖化血红蛋白：最近两三个月血糖的平均水平。" in page
    assert "正常是 4.0 到 6.0" in page
    assert re.search(r"比上次（[\d-]{10}）高 1\.2", page)
    assert re.search(r"总胆固醇 正常 4\.1 mmol/L 正常是 5\.2 以下", page)
    one = await words(scene.old, "/me/results?item=2823-3")
    assert "请带着这页尽快去看医生" in one
    assert "这些说明从哪里来" in one


async def test_an_item_that_is_not_there_shows_the_list(scene: Scene) -> None:
    assert "请留意的 2 项" in await words(scene.old, f"/me/results?item={SCRIPT}")


async def test_diseases_are_told_in_plain_words(scene: Scene) -> None:
    page = await words(scene.old, "/me/record")
    assert "血管里的压力长期偏高" in page
    assert "糖尿病 长期管理" in page  # the form's answer 3
    assert "过敏：青霉素。看病、打针、吃药前先说。" in page
    assert "&lt;script&gt;" in page
    lasting, _, past = page.partition("以前看过的病")
    assert "上呼吸道感染" in past
    assert "上呼吸道感染" not in lasting


async def test_the_same_medicine_from_two_hospitals_is_said_gently(scene: Scene) -> None:
    page = await words(scene.old, "/me/medicines")
    assert "港城中医医院、海滨人民医院 都开了 盐酸二甲双胍片。别吃双份" in page
    now, _, past = page.partition("以前开过的药")
    assert "作用：降血糖" in now
    assert "怎么用：口服 每次0.5g 每日两次" in now
    assert "阿莫西林胶囊" in past
    assert "阿莫西林胶囊" not in now


async def test_a_medicine_against_an_allergy_is_said_firmly(scene: Scene) -> None:
    patient = scene.mother.patients[0]
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": f"{patient}-allergy",
        "code": {"text": "青霉素"},
        "patient": reference("Patient", patient),
    }
    facts = [(allergy, "MK1"), (prescribed(patient, "amoxicillin", "阿莫西林胶囊", -1, 7), "MK1")]
    await put(scene.region, scene.mother.patients, lambda *_: facts)
    page = await words(scene.own, "/me/medicines")
    assert "您登记过对 青霉素 过敏，又开了 阿莫西林胶囊。先别吃，马上问医生。" in page


async def test_a_visit_tells_what_was_done(scene: Scene) -> None:
    page = await words(scene.old, "/me/visits")
    assert "海滨人民医院 · 全科" in page
    assert "开的药 盐酸二甲双胍片" in page
    assert "颈动脉彩超 双侧颈动脉内中膜增厚" in page
    assert "不正常：糖化血红蛋白" in page


@pytest.mark.parametrize("query", ["?page=-1", "?page=999999", "?page=x", "?year=1066", "?year=x"])
async def test_odd_addresses_of_visits_are_no_fault(scene: Scene, query: str) -> None:
    await words(scene.old, f"/me/visits{query}")


async def test_a_document_is_read_without_its_markup(scene: Scene) -> None:
    key = f"Composition/{scene.granny.patients[0]}-note"
    page = await words(scene.old, f"/me/documents?document={key}")
    assert "主诉 头晕三天" in page
    assert "诊断 原发性高血压" in page
    assert "空的" not in page
    assert "没有可以直接阅读" not in await words(scene.old, "/me/documents?document=Composition/x")


async def test_the_emergency_sheet_has_what_rescuers_need_and_no_number(scene: Scene) -> None:
    page = await words(scene.old, "/me/emergency")
    for said in ("AB 型", "青霉素", "糖尿病", "盐酸二甲双胍片", "谷小明 儿子", "13000000001"):
        assert said in page
    assert scene.granny.number not in page


async def test_a_contradicted_blood_group_is_not_told(scene: Scene) -> None:
    patient = scene.mother.patients
    groups = [
        (
            {
                "resourceType": "Observation",
                "id": f"{one}-group",
                "status": "final",
                "code": coded("http://loinc.org", "883-9", "血型"),
                "subject": reference("Patient", one),
                "valueCodeableConcept": {"text": group},
            },
            source,
        )
        for one, group, source in ((patient[0], "A型", "MK1"), (patient[1], "B 型", "MK2"))
    ]
    await put(scene.region, patient, lambda *_: groups)
    page = await words(scene.own, "/me/emergency")
    assert "登记的血型不一样" in page
    assert "A 型" not in page
    assert "B 型" not in page


async def test_a_guardian_reads_the_same_pages_of_the_child(scene: Scene) -> None:
    await guard(scene, scene.child)
    base = f"/me/family/{scene.child.person}"
    record = await words(scene.own, base)
    assert "田小苗 的档案" in record
    assert "生长发育" in record
    vaccinations = await words(scene.own, f"{base}/vaccinations")
    now, _, given = vaccinations.partition("打过的疫苗")
    assert "麻腮风疫苗 第 2 针" in given
    # Three years old: by the schedule hepatitis B was due at birth and is late.
    assert "乙肝疫苗 要补打 第 1 针" in now
    assert "A群C群流脑多糖疫苗 到时候了 第 1 针" in now
    assert "以后要打的 脊灰疫苗 第 4 针" in now
    growth = await words(scene.own, f"{base}/growth")
    assert re.search("96.5 cm (和|比)同龄孩子", growth)
    assert "WS/T 423-2022" in growth
    home = await words(scene.own, "/me")
    assert "田小苗 的疫苗" in home
    for topic in TOPICS:
        text = (await scene.own.get(f"{base}/{topic}")).text
        assert f'href="{base}"' in text, topic


async def test_what_is_the_youths_own_stands_on_no_page_of_the_guardian(scene: Scene) -> None:
    await guard(scene, scene.youth)
    base = f"/me/family/{scene.youth.person}"
    letter = f"{base}/documents?document=Composition/{scene.youth.patients[1]}-letter"
    for path in (base, letter, *(f"{base}/{topic}" for topic in TOPICS)):
        assert "抑郁" not in await words(scene.own, path), path


async def test_nobody_elses_pages_open(scene: Scene) -> None:
    for path in ("", *(f"/{topic}" for topic in TOPICS)):
        answer = await scene.old.get(f"/me/family/{scene.mother.person}{path}")
        assert answer.status_code == 403, path
        assert scene.mother.name not in answer.text


async def test_the_menu_has_five_entries_at_most_and_leads_to_the_rest(scene: Scene) -> None:
    text = (await scene.old.get("/me")).text
    menu = text.partition('class="mk-nav')[2].partition("</ul>")[0]
    assert 1 < menu.count("<li") <= 5
    more = (await scene.old.get("/me/more")).text
    for href in ("/me/access", "/me/consent", "/me/family", "/me/emergency", "/me/documents"):
        assert f'href="{href}"' in more


async def test_the_pages_are_told_in_english_too(scene: Scene) -> None:
    scene.old.cookies.set("minkang_language", "en", domain="minkang.test")
    try:
        page = await words(scene.old, "/me/results")
    finally:
        scene.old.cookies.delete("minkang_language", domain="minkang.test")
    assert "HbA1c: the average of your sugar" in page
    assert "Very high: see a doctor soon" in page
