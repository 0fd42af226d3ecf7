"""Lives made by hand: what a writer gets, without waiting for anything to be lived."""

from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from minkang.synth.draws import stream
from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.people.kin import HEAD
from minkang.synth.people.standing import RETIRED
from minkang.synth.place import build_place
from minkang.synth.record import (
    LOCAL,
    Diagnosis,
    Done,
    Fees,
    Form,
    Herb,
    Household,
    Line,
    Lived,
    Operation,
    Person,
    Prescription,
    Report,
    Study,
    Value,
    Visit,
    Vitals,
    World,
)

SEED = 5
TODAY = date(2026, 11, 1)
WAYS = ("haibin", "gangcheng", "songling", "chuanran", "yunxi", "biquan", "biwan", "dongjiao")


@cache
def world() -> World:
    """A world of which the last months are told."""
    return World(SEED, date(2026, 1, 1), TODAY, build_place(SEED))


def life(of: World, number: int) -> Lived:
    """A household of one with a visit at each kind of system, an admission, a form."""
    random = stream(of.seed, "sample", number)
    village, within = of.place.village_of(number)
    key = f"{number:07d}-0"
    person = Person(
        key=key,
        household=f"{number:07d}",
        surname="于",
        given="海|燕"[random.randrange(2) :],
        sex=random.choice("MF"),  # type: ignore[arg-type]
        birth=date(1950 + within % 70, 3, 1 + within % 28),
        id_number="",
        phone=f"154{number:08d}",
        village=village.code,
        address=f"{village.name}{within + 1}号",
        education="小学教育",
        marital="已婚",
        relation=HEAD,
        occupation=RETIRED,
        moved=date(2026, 6, 1) if number % 5 == 0 else None,
        former_address="旧址1号" if number % 5 == 0 else "",
        former_phone="15499999999" if number % 5 == 0 else "",
    )
    household = Household(person.household, number, village.code, (person,))
    keys = [*WAYS, of.place.centre(village.code).key, "clinic"]
    visits = []
    for at, place in enumerate(keys):
        institution = (
            of.place.institution("private", village.code, 0.3)
            if place == "clinic"
            else of.place.by_key[place]
        )
        kind = "I" if place in ("haibin", "biquan", "songling", "chuanran") and at % 2 == 0 else "O"
        visits.append(visit(of, random, person, institution, kind, at))
    form = Form(
        key,
        datetime(2026, 7, 3, 9, 30, tzinfo=LOCAL),
        "hypertension_followup",
        {"随访日期": "2026-07-03", "随访方式": "门诊", "收缩压": "138", "舒张压": "84"},
    )
    return Lived(household, {key: ()}, tuple(visits), (form,))


def visit(of: World, random: Random, person: Person, institution: Any, kind: str, at: int) -> Visit:
    """A visit with some of everything."""
    place = of.place
    department = place.department(institution, "general")
    doctor = place.doctor(institution, department, 0.4)
    start = datetime(2026, 1 + at, 5 + random.randrange(20), 9, random.randrange(60), tzinfo=LOCAL)
    end = start + (timedelta(days=6) if kind == "I" else timedelta(minutes=40))
    number = f"{'ZY' if kind == 'I' else 'MZ'}{start:%y%m%d}{person.key[:7]}{at}"
    herbs = institution.key == "gangcheng"
    prescription = Prescription(
        f"CF{number}",
        start + timedelta(minutes=25),
        doctor.code,
        lines=()
        if herbs
        else (
            Line("amlodipine", "5mg", "qd", "口服", 28, "1盒", 420),
            Line("metformin", "0.5g", "bid", "口服", 14, "2盒", 900),
        ),
        herbs=(Herb("天麻", 10), Herb("钩藤", 12)) if herbs else (),
        doses=7 if herbs else 0,
        usage="水煎服，日一剂" if herbs else "",
    )
    operation = Done(
        Operation("51.2300", "腹腔镜下胆囊切除术", 3, "全身麻醉"),
        start + timedelta(days=1),
        start + timedelta(days=1, hours=2),
        doctor.code,
    )
    return Visit(
        number=number,
        person=person.key,
        patient=f"P{person.key[:7]}{at}",
        institution=institution.key,
        department=department.key,
        doctor=doctor.code,
        kind=kind,  # type: ignore[arg-type]
        start=start,
        end=end,
        diagnoses=(
            Diagnosis("I10.x00x002", "高血压"),
            Diagnosis("E11.900", "2型糖尿病", certain=False),
            Diagnosis("", "眩晕病", "tcm-disease"),
        ),
        texts={
            "complaint": "头晕3天",
            "present-illness": '3天前无诱因头晕，BP 150/92mmHg，<休息后>缓解 & 无"视物旋转"。',
            "past-history": "高血压10年。",
            "examination": "神志清，心肺听诊无异常。",
            "advice": "低盐饮食，1月后复诊。",
            **(
                {
                    "admission-course": "完善检查后行手术治疗。",
                    "discharge-condition": "一般情况好。",
                    "discharge-orders": "门诊随诊。",
                }
                if kind == "I"
                else {}
            ),
        },
        vitals=Vitals(systolic=150, diastolic=92, pulse=78, celsius=36.5, glucose=6.8),
        reports=tuple(report(random, panel, number, start) for panel in ("cbc", "glucose")),
        studies=(
            Study(
                f"JC{number}",
                "chest-film",
                start + timedelta(minutes=10),
                start + timedelta(minutes=30),
                "双肺纹理清晰。\n心影不大。",
                "未见明显异常。",
                doctor.code,
            ),
        ),
        prescriptions=(prescription,),
        operations=(operation,) if kind == "I" else (),
        fees=Fees(12_345, 6_000, {"西药费": 1_320, "化验费": 11_025}),
        outcome="好转" if kind == "I" else "",
    )


def report(random: Random, panel: str, number: str, start: datetime) -> Report:
    """A panel with a result for each analyte, one of them below the limit."""
    values = []
    for at, key in enumerate(PANELS[panel].analytes):
        analyte = ANALYTES[key]
        if analyte.kind != "NM":
            values.append(Value(key, analyte.normal or "阴性"))
        else:
            text = f"{random.uniform(1, 9):.{analyte.decimals}f}"
            values.append(Value(key, text, "N", below=at == 3))
    taken = start + timedelta(minutes=12)
    return Report(f"BG{number}{panel}", panel, taken, taken + timedelta(hours=1), tuple(values))
