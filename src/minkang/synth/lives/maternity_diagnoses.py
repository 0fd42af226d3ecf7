"""Diagnoses and operations of pregnancy, birth and the newborn, with their national codes.

Codes and names are facts of the national insurance editions of ICD-10 and ICD-9-CM-3.
"""

from typing import Final

from minkang.synth.lives.maternity_course import Course
from minkang.synth.record import Diagnosis, Operation

CONFIRMED: Final = Diagnosis("Z32.100", "确认妊娠")
NORMAL: Final = Diagnosis("Z34.900", "正常妊娠监督")
FIRST: Final = Diagnosis("Z34.000", "首次正常妊娠的监督")
HIGH_RISK: Final = Diagnosis("Z35.900", "高危妊娠监督")
OLD_FIRST: Final = Diagnosis("Z35.500", "高龄初孕妇的监督")
THREATENED: Final = Diagnosis("O20.000", "先兆流产")
VOMITING: Final = Diagnosis("O21.100x003", "妊娠剧吐伴脱水")
DIABETES: Final = Diagnosis("O24.400", "妊娠期发生的糖尿病")
SCAR: Final = Diagnosis("O34.201", "妊娠合并子宫瘢痕")
BREECH: Final = Diagnosis("O32.101", "臀先露")
TWINS: Final = Diagnosis("O30.000", "双胎妊娠")
PLACENTA: Final = Diagnosis("O44.000x003", "前置胎盘")
THYROID: Final = Diagnosis("O99.215", "妊娠合并甲状腺功能减退")
SYPHILIS: Final = Diagnosis("O98.101", "妊娠合并梅毒")
HEPATITIS: Final = Diagnosis("O98.402", "妊娠合并乙型肝炎")
AFTERCARE: Final = Diagnosis("Z39.200", "常规产后随诊")
MISCARRIED: Final = Diagnosis("O03.900x002", "自然流产")
INCOMPLETE: Final = Diagnosis("O03.400x001", "不完全自然流产")
MISSED: Final = Diagnosis("O02.100", "稽留流产")
ECTOPIC: Final = Diagnosis("O00.100", "输卵管妊娠")
EARLY_ABORTION: Final = Diagnosis("O04.905", "早期人工流产")
LATE_ABORTION: Final = Diagnosis("O04.901", "中期人工流产")

_PRESSURE: Final = {
    "gestational": Diagnosis("O13.x00", "妊娠[妊娠引起的]高血压"),
    "preeclampsia": Diagnosis("O14.000", "轻-中度子痫前期"),
    "severe": Diagnosis("O14.100x002", "重度子痫前期"),
}
_WHY: Final = {
    "distress": Diagnosis("O68.000", "产程和分娩并发胎儿心率异常"),
    "arrest": Diagnosis("O63.001", "活跃期停滞"),
    "disproportion": Diagnosis("O65.401", "头盆不称难产"),
    "macrosomia": Diagnosis("O36.601", "妊娠合并巨大儿"),
    "oligohydramnios": Diagnosis("O41.000", "羊水过少"),
    "abruption": Diagnosis("O45.900", "胎盘早期剥离"),
}
_DEAD: Final = Diagnosis("O36.401", "胎死宫内")
_BLEEDING: Final = Diagnosis("O72.101", "产后即时出血")
_PRETERM: Final = Diagnosis("O60.100x001", "早产伴分娩")
_PRETERM_CAESAREAN: Final = Diagnosis("O60.300x001", "早产经剖宫产")
_RUPTURED: Final = Diagnosis("O42.000x001", "足月胎膜早破（在24小时之内产程开始）")
_CORD: Final = Diagnosis("O69.800x005", "脐带绕颈不伴受压")
_TEARS: Final = (
    Diagnosis("O70.000", "分娩时Ⅰ度会阴裂伤"),
    Diagnosis("O70.100", "分娩时Ⅱ度会阴裂伤"),
)
_VAGINAL: Final = Diagnosis("O80.000", "头位顺产")
_FORCEPS: Final = Diagnosis("O81.301", "产钳助产")
_PLANNED: Final = Diagnosis("O82.000", "经选择性剖宫产术的分娩")
_URGENT: Final = Diagnosis("O82.100", "经急症剖宫产术的分娩")
_ALIVE: Final = Diagnosis("Z37.000", "单一活产")
_STILL: Final = Diagnosis("Z37.100", "单一死产")
_TWO_ALIVE: Final = Diagnosis("Z37.200", "双胎，均为活产")

CAESAREAN: Final = Operation("74.1x01", "剖宫产术，子宫下段横切口", 3, "腰硬联合麻醉")
FORCEPS: Final = Operation("72.0x00", "低位产钳手术", 2, "会阴阻滞麻醉")
ASSISTED: Final = Operation("73.5900x002", "头位阴道助产")
EPISIOTOMY: Final = Operation("73.6x01", "会阴侧切缝合术", 1, "局部麻醉")
SUTURE: Final = Operation("75.6902", "近期产科会阴裂伤修补术", 1, "局部麻醉")
OXYTOCIN: Final = Operation("73.4x01", "催产素引产")
BALLOON: Final = Operation("69.9100x002", "子宫球囊放置术", 2, "腰硬联合麻醉")
CURETTAGE: Final = Operation("69.0200x003", "流产后刮宫术", 2, "静脉麻醉")
SUCTION: Final = Operation("69.5102", "超声引导下负压吸引人工流产术", 2, "静脉麻醉")
MID_ABORTION: Final = Operation("75.0x02", "利凡诺羊膜腔内注射终止妊娠", 2, "局部麻醉")
SALPINGECTOMY: Final = Operation(
    "66.6201", "腹腔镜输卵管切除伴输卵管妊娠去除术", 3, "气管插管全身麻醉"
)


def anaemia(haemoglobin: int) -> Diagnosis:
    """Anaemia of pregnancy by its grade: mild from 100 g/L (obstetric guideline 2014)."""
    if haemoglobin >= 100:
        return Diagnosis("O99.005", "妊娠合并轻度贫血")
    if haemoglobin >= 70:
        return Diagnosis("O99.006", "妊娠合并中度贫血")
    return Diagnosis("O99.008", "妊娠合并贫血")


def carried(course: Course, week: float, hepatitis: bool) -> tuple[Diagnosis, ...]:
    """What goes along with the pregnancy by that week, the gravest first."""
    found = []
    if course.pressure and week >= 32:
        found.append(_PRESSURE[course.pressure])
    if course.placenta and week >= 28:
        found.append(PLACENTA)
    if course.diabetes and week >= 25:
        found.append(DIABETES)
    if course.twins and week >= 8:
        found.append(TWINS)
    if course.scars:
        found.append(SCAR)
    if course.anaemia and week >= 28:
        found.append(anaemia(course.anaemia))
    if course.thyroid:
        found.append(THYROID)
    if course.syphilis and week >= 12:
        found.append(SYPHILIS)
    if hepatitis:
        found.append(HEPATITIS)
    return tuple(found)


def of_delivery(course: Course, hepatitis: bool) -> tuple[Diagnosis, ...]:
    """The diagnoses of the birth, the main one first as the front page's rule wants it.

    The main diagnosis is the cause of an operation or the gravest complication, else the way in
    which the child was born (front page rule 2016, part on obstetrics); the outcome comes last.
    """
    still = course.pregnancy.outcome == "still"
    also = carried(course, 40, hepatitis)
    lead = [_DEAD] if still else []
    if course.mode == "caesarean" and course.reason in _WHY:
        lead.append(_WHY[course.reason])
    if course.breech and course.mode == "caesarean":
        lead.append(BREECH)
    lead += [diagnosis for diagnosis in also if diagnosis.code[:3] in _GRAVE]
    if course.weeks < 37 and not still:
        lead.append(_PRETERM_CAESAREAN if course.mode == "caesarean" else _PRETERM)
    elif course.early_rupture:
        lead.append(_RUPTURED)
    if course.loss >= (1000 if course.mode == "caesarean" else 500):
        lead.append(_BLEEDING)
    planned = course.reason in ("scar", "breech", "twins", "macrosomia", "wish", "oligohydramnios")
    way = {
        "vaginal": _VAGINAL,
        "forceps": _FORCEPS,
        "caesarean": _PLANNED if planned else _URGENT,
    }[course.mode]
    rest = [diagnosis for diagnosis in also if diagnosis.code[:3] not in _GRAVE]
    if course.cord:
        rest.append(_CORD)
    if course.mode == "vaginal" and course.tear:
        rest.append(_TEARS[course.tear - 1])
    end = _STILL if still else _TWO_ALIVE if course.twins else _ALIVE
    return tuple(dict.fromkeys((*lead[:6], way, *rest, end)))


_GRAVE: Final = frozenset(("O13", "O14", "O24", "O30", "O34", "O44"))


def operations_of(course: Course) -> tuple[Operation, ...]:
    """What was done at the birth."""
    if course.mode == "caesarean":
        done = [CAESAREAN]
    elif course.mode == "forceps":
        done = [FORCEPS, EPISIOTOMY]
    else:
        done = [ASSISTED]
        if course.tear:
            done.append(SUTURE)
        elif course.parity == 0:
            done.append(EPISIOTOMY)
    if course.loss >= 1500:
        done.append(BALLOON)
    return tuple(done)
