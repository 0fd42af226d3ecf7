"""Planned surgery: seen at the clinic, admitted on an agreed day, operated, seen again.

Levels 1-4 follow the grades of the state's list for tertiary hospitals' performance review; day
surgery is one night or none. Rates per 100,000 person-years are of the order of the yearbook's
inpatient operations (about 50 per 1,000 residents and year with obstetrics and emergencies).
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.frequencies import band
from minkang.synth.lives.frequencies_orders import Images, Medicines, images, medicines
from minkang.synth.lives.frequencies_rare import Table, drawn, table
from minkang.synth.lives.life import Life
from minkang.synth.lives.minor import WARD_PANELS, beside, symptoms_of
from minkang.synth.record import Care, Diagnosis, Form, Operation, Plan


class Surgery(msgspec.Struct, frozen=True, gc=False):
    """One kind of planned surgery. `again` is whether it can be done twice (the other eye)."""

    key: str
    diagnosis: Diagnosis
    rates: tuple[float, ...]
    women: float
    season: str
    specialty: str
    symptoms: tuple[str, ...]
    days: tuple[int, int]
    images: Images
    operations: tuple[Operation, ...]
    nights: int
    medicines: Medicines
    again: bool
    panels: tuple[str, ...]


def _op(code: str, name: str, level: int, anaesthesia: str = "全身麻醉") -> Operation:
    return Operation(code, name, level, anaesthesia)


def a(
    key: str,
    code: str,
    name: str,
    rates: tuple[float, ...],
    specialty: str,
    symptoms: str,
    nights: int,
    *operations: Operation,
    women: float = 1.0,
    season: str = "",
    days: tuple[int, int] = (30, 300),
    image: str = "",
    drugs: str = "",
    again: bool = False,
    order: str = "",
) -> Surgery:
    """One row of the table."""
    return Surgery(
        key, Diagnosis(code, name), rates, women, season, specialty, tuple(symptoms.split()), days,
        images(image), operations, nights, medicines(drugs), again, tuple(order.split()),
    )  # fmt: skip


_EYE: Final = "表面麻醉"
_SPINE: Final = "椎管内麻醉"
_LOCAL: Final = "局部麻醉"
_NERVE: Final = "神经阻滞麻醉"
_VEIN: Final = "静脉麻醉"

# fmt: off
SURGERIES: Final[tuple[Surgery, ...]] = (
    #                                   <1  1-2 3-6 7-14 15  30  45  60  75
    a("cataract", "H25.900", "老年性白内障", (0, 0, 0, 0, 0, 4, 130, 1100, 2300), "ophthalmology", "blurred-vision", 1,
      _op("13.4100x001", "白内障超声乳化抽吸术", 3, _EYE), _op("13.7100", "眼内人工晶状体置入伴白内障摘出术，一期", 3, _EYE), women=1.25, days=(180, 900), image="fundus 1",
      drugs="levofloxacin-eye 14 .95, prednisolone-eye 14 .9, pranoprofen-eye 14 .7", again=True, order="glucose"),
    a("hernia-child", "K40.900x002", "单侧腹股沟疝", (350, 300, 160, 40, 0, 0, 0, 0, 0), "surgery", "groin-lump", 2, _op("53.0204", "腹腔镜下单侧腹股沟斜疝疝囊高位结扎术", 2), women=.2, image="abdomen-ultrasound:hernia .9"),
    a("hernia", "K40.900x002", "单侧腹股沟疝", (0, 0, 0, 0, 12, 25, 70, 260, 420), "surgery", "groin-lump pelvic-pain", 4, _op("17.1200x001", "腹腔镜下单侧腹股沟斜疝无张力修补术", 3), women=.1, image="abdomen-ultrasound:hernia .9", again=True),
    a("hydrocele-child", "N43.300", "鞘膜积液", (50, 90, 60, 15, 0, 0, 0, 0, 0), "urology", "scrotal-swelling", 2, _op("61.4905", "腹腔镜下鞘状突高位结扎术", 2), women=0, image="abdomen-ultrasound:hydrocele .9"),
    a("gallbladder", "K80.101", "胆囊结石伴慢性胆囊炎", (0, 0, 0, 0, 25, 95, 140, 150, 90), "surgery", "epigastric-pain abdominal-distension", 5, _op("51.2300", "腹腔镜下胆囊切除术", 3), women=1.7, image="abdomen-ultrasound:gallstones 1", order="liver"),
    a("tonsils", "J35.000", "慢性扁桃体炎", (0, 0, 25, 40, 32, 18, 5, 1, 0), "ent", "sore-throat snoring", 5, _op("28.3x03", "扁桃体伴腺样体等离子切除术", 2), season="holidays", days=(200, 900)),
    a("adenoids-out", "J35.200", "腺样体肥大", (0, 8, 190, 90, 0, 0, 0, 0, 0), "ent", "snoring mouth-breathing", 4, _op("28.6x00x005", "鼻内镜下腺样体消融术", 2), women=.7, season="holidays", image="nasopharynx-film:adenoids .9"),
    a("thyroid-nodule-out", "D34.x00", "甲状腺良性肿瘤", (0, 0, 0, 0, 12, 45, 70, 55, 12), "surgery", "neck-lump", 5, _op("06.2x00", "单侧甲状腺叶切除术", 3), women=3, image="thyroid-ultrasound:nodule 1", order="thyroid"),
    a("haemorrhoids-out", "K64.811", "混合痔", (0, 0, 0, 0, 65, 110, 100, 70, 30), "surgery", "blood-in-stool anal-pain anal-swelling", 5, _op("17.98330", "混合痔外剥内扎治疗", 2, _SPINE), drugs="taining-suppository 10 .7, mayinglong 10 .7", order="cbc"),
    a("anal-fistula", "K60.300", "肛瘘", (3, 3, 1, 1, 30, 40, 25, 10, 4), "surgery", "anal-pain anal-discharge", 7, _op("49.7301", "肛瘘挂线术", 2, _SPINE), women=.25),
    a("prostate-out", "N40.x00", "前列腺增生", (0, 0, 0, 0, 0, 0, 22, 210, 380), "urology", "difficult-urination frequent-urination nocturia", 7, _op("60.2900x004", "经尿道前列腺等离子电切术", 3, _SPINE), women=0, image="urinary-ultrasound:prostate 1", order="tumour-prostate urine", days=(200, 1500)),
    a("kidney-stone-out", "N20.000", "肾结石", (0, 0, 0, 1, 22, 45, 55, 40, 12), "urology", "low-back-pain haematuria", 6, _op("55.0404", "经皮肾镜激光碎石术", 4), women=.6, image="urinary-ct:kidney-stone 1", order="urine"),
    a("endometrial-polyp", "N84.001", "子宫内膜息肉", (0, 0, 0, 0, 35, 110, 100, 30, 5), "gynaecology", "vaginal-bleeding heavy-menses", 2, _op("68.2915", "宫腔镜子宫内膜病损切除术", 3, _VEIN), women=99, image="gynae-ultrasound:thick-endometrium 1", again=True, order="hcg"),
    a("fibroids-out", "D25.900", "子宫平滑肌瘤", (0, 0, 0, 0, 6, 60, 95, 10, 2), "gynaecology", "heavy-menses asymptomatic", 7, _op("68.2912", "腹腔镜子宫病损切除术", 3), women=99, image="gynae-ultrasound:fibroids 1", order="tumour"),
    a("uterus-out", "N80.001", "子宫腺肌病", (0, 0, 0, 0, 0, 14, 50, 12, 4), "gynaecology", "menstrual-pain heavy-menses", 8, _op("68.4100", "腹腔镜经腹全子宫切除术", 4), women=99, image="gynae-ultrasound:adenomyosis 1", order="tumour"),
    a("ovarian-cyst-out", "N83.201", "卵巢囊肿", (0, 0, 0, 4, 40, 45, 30, 12, 5), "gynaecology", "asymptomatic pelvic-pain", 6, _op("65.2501", "腹腔镜卵巢病损切除术", 3), women=99, image="gynae-ultrasound:ovarian-cyst 1", order="tumour"),
    a("cervix-cone", "N87.101", "宫颈上皮内肿瘤，Ⅱ级", (0, 0, 0, 0, 10, 45, 35, 10, 1), "gynaecology", "asymptomatic", 3, _op("67.3202", "子宫颈锥形电切术", 2, _VEIN), women=99, image="colposcopy:cervicitis 1"),
    a("breast-lump-out", "D24.x00", "乳房良性肿瘤", (0, 0, 0, 2, 75, 70, 40, 10, 2), "surgery", "breast-lump", 2, _op("85.2100", "乳房病损局部切除术", 2, _LOCAL), women=99, image="breast-ultrasound:nodule 1", again=True),
    a("knee-replacement", "M17.000", "原发性双侧膝关节病", (0, 0, 0, 0, 0, 0, 22, 170, 110), "bone", "knee-pain stiffness", 10, _op("81.5400", "全部膝关节置换", 4, _SPINE), women=3, image="knee-film:arthrosis 1", drugs="celecoxib 14 .8, rivaroxaban 14 .9", again=True, days=(700, 3000), order="inflammation"),
    a("hip-replacement", "M87.002", "股骨头无菌性坏死", (0, 0, 0, 0, 1, 10, 28, 40, 24), "bone", "hip-pain walking-difficulty", 10, _op("81.5100", "全髋关节置换", 4, _SPINE), women=.6, image="hip-film:necrosis 1", drugs="celecoxib 14 .8, rivaroxaban 28 .9", days=(300, 1800)),
    a("disc-out", "M51.202", "腰椎间盘突出", (0, 0, 0, 0, 12, 40, 55, 55, 20), "bone", "leg-pain low-back-pain numbness", 9, _op("80.5111", "内镜下腰椎髓核切除术", 4, _LOCAL), image="lumbar-mri:disc-herniation 1", drugs="celecoxib 10 .7, mecobalamin 28 .8"),
    a("varicose-out", "I83.900x004", "下肢静脉曲张", (0, 0, 0, 0, 4, 20, 60, 75, 30), "surgery", "leg-veins leg-swelling", 4, _op("38.5901", "大隐静脉高位结扎和剥脱术", 2, _SPINE), image="leg-vein-ultrasound:varices 1", again=True, days=(700, 3000)),
    a("colon-polyp-out", "K63.500", "结肠息肉", (0, 0, 0, 1, 8, 50, 150, 200, 90), "digestive", "asymptomatic blood-in-stool", 3, _op("45.4200x003", "纤维结肠镜下结肠息肉切除术", 2, _VEIN), women=.6, image="colonoscopy:polyp 1", again=True, order="tumour"),
    a("stomach-polyp-out", "K31.703", "胃息肉", (0, 0, 0, 0, 4, 22, 60, 70, 25), "digestive", "asymptomatic epigastric-pain", 3, _op("43.4105", "内镜下胃息肉切除术", 2, _VEIN), women=1.5, image="gastroscopy:polyp 1", again=True),
    a("circumcision", "N47.x00x001", "包茎", (0, 2, 60, 230, 70, 15, 6, 3, 1), "urology", "foreskin", 0, _op("64.0x00", "包皮环切术", 1, _LOCAL), women=0, season="holidays"),
    a("pterygium-out", "H11.000", "翼状胬肉", (0, 0, 0, 0, 1, 10, 50, 100, 40), "ophthalmology", "red-eye eye-injury", 1, _op("11.3901", "翼状胬肉切除伴结膜移植术", 2, _LOCAL), women=1.3, drugs="tobramycin-dexamethasone-eye 14 .9", again=True, days=(300, 2000)),
    a("squint", "H50.100x002", "共同性外斜视", (0, 0, 14, 14, 6, 1, 0, 0, 0), "ophthalmology", "squint", 2, _op("15.1100", "一条眼外肌的后徙术", 3), season="holidays"),
    a("sinus-out", "J32.900", "慢性鼻窦炎", (0, 0, 0, 6, 28, 35, 38, 24, 5), "ent", "stuffy-nose smell-loss headache", 6, _op("22.5300x004", "鼻内窥镜下多个鼻窦开窗术", 3), image="sinus-ct:sinusitis 1", drugs="mometasone-nasal 28 .9, eucalyptol 14 .6"),
    a("septum", "J34.200", "鼻中隔偏曲", (0, 0, 0, 1, 26, 20, 9, 3, 0), "ent", "stuffy-nose headache", 5, _op("21.5x01", "内镜下鼻中隔黏膜下切除术", 2), women=.4, image="sinus-ct 1", season="holidays"),
    a("vocal-polyp", "J38.102", "声带息肉", (0, 0, 0, 1, 8, 26, 34, 16, 2), "ent", "hoarseness", 3, _op("30.0905", "内镜下声带病损切除术", 3), image="laryngoscopy:polyp 1"),
    a("meniscus-out", "M23.308", "半月板损伤", (0, 0, 0, 3, 30, 32, 35, 18, 2), "bone", "knee-pain", 6, _op("80.6x05", "关节镜膝关节半月板切除术", 3, _SPINE), image="knee-mri:meniscus-tear 1"),
    a("cuff", "S46.002", "肩袖损伤", (0, 0, 0, 0, 2, 8, 35, 40, 6), "bone", "shoulder-pain", 6, _op("81.8300x008", "肩关节镜下肩袖修补术", 4), image="shoulder-mri:cuff-tear 1"),
    a("trigger-finger", "M65.300", "扳机指", (20, 40, 25, 3, 3, 10, 30, 25, 6), "bone", "hand-pain", 0, _op("83.0101", "腱鞘切开术", 1, _LOCAL), women=1.6, again=True),
    a("carpal-out", "G56.000", "腕管综合征", (0, 0, 0, 0, 1, 6, 22, 22, 6), "bone", "numbness", 2, _op("04.4300", "腕管松解术", 2, _NERVE), women=3, image="nerve-conduction:carpal-tunnel .9", again=True),
    a("lump-out", "D17.900x002", "脂肪瘤", (0, 1, 2, 6, 45, 80, 80, 45, 15), "surgery", "skin-lump", 0, _op("86.3x03", "皮下组织病损切除术", 1, _LOCAL), image="soft-tissue-ultrasound:lipoma .6", again=True),
    a("plate-out", "Z47.001", "取除骨折内固定装置", (0, 0, 4, 14, 40, 45, 40, 20, 4), "bone", "plate-in-place", 4, _op("78.6701", "胫骨内固定装置去除术", 2, _NERVE), women=.6, image="ankle-film .9", again=True),
    a("lung-nodule-out", "R91.x03", "肺占位性病变", (0, 0, 0, 0, 2, 14, 34, 36, 5), "surgery", "asymptomatic", 8, _op("32.2001", "胸腔镜下肺楔形切除术", 4), women=1.3, image="chest-ct:nodule 1", order="tumour blood-gas"),
)
# fmt: on

_TABLE: Final[Table[Surgery]] = table(SURGERIES)


def plans(life: Life) -> Iterator[Plan | Form]:
    """All planned surgery of this life; what is out is not taken out again."""
    done: dict[str, int] = {}
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"surgery-{year}")
        age = max(0.0, life.person.age(date(year, 7, 1)))
        if age > 88:
            return
        for what, day in drawn(random, _TABLE, life.person.sex, band(age), year):
            count = done.get(what.key, 0)
            if _too_ill(life, day) and random.random() < 0.85:
                continue
            if count > what.again or not life.begin <= day <= life.end:
                continue
            done[what.key] = count + 1
            yield from _operated(life, random, what, day)


def _too_ill(life: Life, day: date) -> bool:
    """Whether nobody would operate on what can wait."""
    death = life.person.death
    if death is not None and (death - day).days < 240:
        return True
    return any(
        c.key in _SPARED or (c.key.endswith("-cancer") and c.key != "thyroid-cancer")
        for c in life.known(day)
    )


_SPARED: Final = frozenset(("dementia", "heart-failure", "cirrhosis", "stroke-haemorrhagic"))


def _operated(life: Life, random: Random, what: Surgery, day: date) -> Iterator[Plan]:
    age = life.person.age(day)
    care = _hospital(random, what, age)
    symptoms = symptoms_of(random, what.symptoms)
    lasting = random.randint(*what.days)
    specialty = what.specialty
    wait = random.randint(2, 20)
    yield Plan(
        person=life.person.key,
        day=day,
        kind="O",
        care=care,
        specialty=specialty,
        diagnoses=(what.diagnosis,),
        symptoms=symptoms,
        lasting=lasting,
        panels=("cbc", "coagulation") if what.nights == 0 else what.panels,
        images={study: random.choice(found) for study, found, _ in what.images},
        facts={"decision": "operate"},
        because=what.key,
    )
    surgery = day + timedelta(days=wait)
    if surgery > life.end:
        return
    stay = _stay(life, random, what, surgery, care, symptoms, lasting + wait)
    yield stay
    leaving = surgery + timedelta(days=stay.nights)
    for gap in (7, 30) if what.nights > 1 else (7,):
        if random.random() < 0.72:
            yield Plan(
                person=life.person.key,
                day=leaving + timedelta(days=gap + random.randint(0, 4)),
                kind="O",
                care=care,
                specialty=specialty,
                diagnoses=(what.diagnosis,),
                symptoms=("after-surgery",),
                lasting=gap,
                images={s: "" for s, _, _ in what.images[:1] if random.random() < 0.3},
                medicines=stay.medicines[:1],
                facts={"course": "after-surgery", "operation": what.operations[0].name},
                because=what.key,
            )


def _stay(
    life: Life, random: Random, what: Surgery, day: date, care: Care, symptoms: tuple[str, ...],
    lasting: int,
) -> Plan:  # fmt: skip
    """The admission with the operation; as an outpatient where no night is needed."""
    nights = what.nights
    if nights > 1:
        nights = max(2, round(nights * random.lognormvariate(0, 0.22)))
    return Plan(
        person=life.person.key,
        day=day,
        kind="I" if nights else "O",
        care=care,
        specialty=what.specialty,
        diagnoses=(what.diagnosis, *(beside(life, day) if nights else ())),
        symptoms=symptoms,
        lasting=lasting,
        panels=(*WARD_PANELS, "before-operation", *what.panels) if nights else (),
        images={"ecg": "", "chest-film": ""} if nights else {},
        medicines=tuple([m for m, chance in what.medicines if random.random() < chance]),
        operations=what.operations,
        nights=nights,
        acute={"pain": 0.15},
        facts={"planned": "1", **({"day-surgery": "1"} if nights == 1 else {})},
        because=what.key,
        outcome="治愈",
        weight=4,
    )


def _hospital(random: Random, what: Surgery, age: float) -> Care:
    """Greater surgery in greater hospitals; little children's at the county's or city's."""
    level = max(operation.level for operation in what.operations)
    if what.specialty == "ophthalmology" and age > 40 and random.random() < 0.35:
        return "private"
    shares = {
        1: (0.22, 0.5, 0.18, 0.1),
        2: (0.05, 0.55, 0.3, 0.1),
        3: (0.0, 0.5, 0.42, 0.08),
        4: (0.0, 0.3, 0.66, 0.04),
    }[level]
    cares: tuple[Care, ...] = ("town", "county", "city", "tcm")
    care = random.choices(cares, shares)[0]
    return "county" if age < 14 and care in ("town", "tcm") else care
