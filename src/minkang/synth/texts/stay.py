"""The papers of an admission: course, rounds, operation, discharge, nursing."""

from collections.abc import Sequence
from typing import Final

from minkang.synth.lives.drugs import DRUGS
from minkang.synth.record import Done, Line
from minkang.synth.texts.advice import living, noticed, short_drug, used
from minkang.synth.texts.beginnings import (
    after_birth,
    birth_orders,
    born,
    delivers,
    first_diagnosis,
)
from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import short_name
from minkang.synth.texts.symptoms import SYMPTOMS
from minkang.synth.texts.values import remarkable, seen
from minkang.synth.texts.words import listed, numeral

_ON: Final = (
    "入院后完善相关检查",
    "入院后积极完善化验及影像检查",
    "入院后予完善血、尿常规等检查",
    "入院完善各项检查",
)
_CARE: Final = ("一级护理", "二级护理", "按科护理常规", "专科护理常规")
_DIET: Final = (
    (("E10", "E11"), "糖尿病饮食"), (("I", "E78"), "低盐低脂饮食"), (("K", "R1"), "流质饮食"),
    (("N1",), "低盐优质蛋白饮食"), (("S", "T"), "普食"),
)  # fmt: skip
_BETTER: Final = (
    "症状明显好转，病情平稳",
    "病情好转，一般情况可",
    "恢复顺利，症状缓解",
    "经治疗症状消失，生命体征平稳",
    "病情稳定，达到出院标准",
)
_ROUNDS: Final = (
    "{who}一般情况可，{s}较前减轻，{e}。继续目前治疗，观察病情变化。",
    "今日查房，{s}好转，精神、饮食可，{e}。治疗有效，继续原方案。",
    "{who}精神可，{s}缓解，夜间睡眠安，{e}。复查相关指标。",
    "{doctor}查房后指示：诊断明确，治疗得当，{s}较前改善，注意监测生命体征。",
    "查房：{e}，{s}减轻。继续对症支持治疗，加强宣教。",
)  # fmt: skip
_PLAIN: Final = (
    "双肺呼吸音清，心律齐，腹软",
    "生命体征平稳",
    "神志清，心肺查体未见明显异常",
    "腹软，无压痛，双下肢无水肿",
)
_GRAVE: Final = (
    "患者病情危重，意识及生命体征不稳，持续监护、吸氧、对症支持，已向家属交待病情，签署病危通知书。",
    "今日病情进行性加重，予升压、补液等抢救治疗，预后极差，家属表示理解。",
    "患者一般情况差，精神萎靡，进食差，继续支持治疗，告病危，家属要求以减轻痛苦为主。",
)
_NURSING: Final = (
    "{who}神志清，{v}，予{care}，遵医嘱用药，无不良反应，夜间睡眠可。",
    "{v}。卧床休息，保持呼吸道通畅，做好安全宣教，防跌倒、压疮。",
    "测{v}，{who}情绪稳定，饮食睡眠可，输液顺利，穿刺处无红肿。",
    "{v}，巡视病房，{who}无不适主诉，指导合理饮食及活动。",
)  # fmt: skip
_WOUND: Final = ("伤口愈合良好，无红肿渗液", "切口甲级愈合，已拆线", "手术切口干燥，对合好")
_ENDOSCOPIC: Final = ("术后无出血、穿孔等并发症", "术后恢复顺利")
_PIERCED: Final = ("穿刺点无血肿，远端搏动好", "穿刺点无渗血，术后恢复顺利")
_SLOW: Final = frozenset(("weight-loss", "memory-loss", "slowness", "tremor", "height-loss"))
"""What a stay doesn't take away."""
_AFTER_OPERATION: Final = (
    "术后{n}天随诊，注意伤口情况",
    "出院后2周门诊复查",
    "1个月后门诊复查",
    "遵嘱拆线、换药，1月后复查",
)


def first_course(case: Case, examined: str) -> str:
    """The first note of the stay: features, basis, differential, plan."""
    symptoms = [SYMPTOMS[key].name for key in case.plan.symptoms if key in SYMPTOMS]
    names = [short_name(one.name) for one in case.plan.diagnoses if one.system == "icd10"]
    if delivers(case):
        names = [first_diagnosis(case)]
    years = f"{int(case.age)}岁" if case.age >= 1 else "婴儿"
    sex = "男性" if case.person.sex == "M" else "女性"
    said = f"{case.who}{sex}，{years}。因“{listed(symptoms[:3]) or names[0]}”入院。"
    said += f"查体：{examined.split('。')[0]}。"
    if names:
        said += f"初步诊断：{listed(names[:4])}。"
    return said + f"诊疗计划：{_care(case)}，完善检查，{_treats(case)}。"


def _care(case: Case) -> str:
    code = case.plan.diagnoses[0].code if case.plan.diagnoses else ""
    diet = next((said for starts, said in _DIET if code.startswith(starts)), "普食")
    return f"{case.pick(_CARE)}，{diet}"


_AIMS: Final = (
    ("抗菌药", "抗感染"),
    ("质子泵", "抑酸护胃"),
    ("祛痰", "化痰"),
    ("平喘", "解痉平喘"),
    ("抗血小板", "抗血小板聚集"),
    ("抗凝", "抗凝"),
    ("他汀", "调脂稳斑"),
    ("降压", "控制血压"),
    ("钙通道", "控制血压"),
    ("血管紧张素", "控制血压"),
    ("降糖", "控制血糖"),
    ("胰岛素", "控制血糖"),
    ("利尿", "利尿"),
    ("脱水", "脱水降颅压"),
    ("脑保护", "脑保护"),
    ("活血化瘀", "活血化瘀"),
    ("镇痛", "镇痛"),
    ("解热镇痛", "对症退热止痛"),
    ("输液", "补液"),
    ("抗病毒", "抗病毒"),
    ("抗肿瘤", "抗肿瘤"),
    ("止吐", "止吐"),
    ("糖皮质", "激素抗炎"),
    ("抗精神病", "抗精神病"),
    ("抗抑郁", "抗抑郁"),
    ("子宫收缩", "促进宫缩"),
    ("护肝", "保肝"),
    ("抗结核", "抗结核"),
    ("营养神经", "营养神经"),
    ("电解质", "纠正电解质紊乱"),
    ("止血", "止血"),
)


def _treats(case: Case) -> str:
    found: dict[str, None] = {}
    for medicine in case.medicines:
        product = DRUGS.get(medicine.drug)
        if product is None:
            continue
        for part, aim in _AIMS:
            if part in product.kind:
                found.setdefault(aim)
                break
    return f"予{listed(found)}等治疗" if found else "予对症支持治疗"


def admission_course(case: Case, lines: Sequence[Line], institution: str) -> str:
    """诊疗经过: what was looked for and found, what was given and done."""
    said = [case.pick(_ON)]
    results = remarkable(case.reports[:5], institution, case, 3)
    if results:
        said.append(results)
    studies = seen(case.studies[:4])
    if studies:
        said.append(studies)
    text = "，".join(said[:1]) + ("：" + "。".join(said[1:]) if len(said) > 1 else "")
    text += f"。{_treats(case)}"
    if lines and case.style.brief < 0.6:
        text += f"（{listed([short_drug(line.drug) for line in lines[:4]])}）"
    if delivers(case):
        text += f"。{born(case)}"
    for done in case.operations[:3]:
        text += f"。于{done.begin.month}月{done.begin.day}日"
        how = f"在{done.operation.anaesthesia}下" if done.operation.anaesthesia else ""
        text += f"{how}行“{done.operation.name}”，"
        if not done.operation.level:
            text += case.pick(("治疗过程顺利，无不良反应", "过程顺利", "操作顺利，患者耐受可"))
            continue
        text += case.pick(
            ("手术顺利，术后安返病房", "过程顺利，术后恢复可", "术中顺利，出血少，术后生命体征平稳")
        )
    if case.dead:
        return text + "。患者病情持续加重，虽经积极抢救，终因病情危重，抢救无效，宣告临床死亡。"
    return text + f"。{case.pick(_BETTER)}。"


def discharge_condition(case: Case) -> str:
    """出院情况; how the person died where that was so."""
    if case.dead:
        return case.pick(
            ("患者呼吸、心跳停止，双侧瞳孔散大固定，心电图呈直线，宣布临床死亡。",
             "经抢救自主心律未恢复，双瞳散大，对光反射消失，临床死亡。")
        )  # fmt: skip
    if delivers(case):
        return after_birth(case)
    said = [case.pick(("神志清，精神可", "一般情况可", "神清，精神、饮食可", "生命体征平稳"))]
    symptoms = [
        SYMPTOMS[key].name
        for key in case.plan.symptoms[:2]
        if key in SYMPTOMS and key not in _SLOW and SYMPTOMS[key].group != "none"
    ]
    if symptoms:
        how = case.pick(("消失", "明显缓解", "较入院减轻"))
        if case.plan.outcome == "未愈":
            how = "无明显改善"
        elif case.plan.outcome == "治愈":
            how = "消失"
        said.append(listed(symptoms) + how)
    if any(one.operation.level for one in case.operations):
        cut = case.operations[0].operation.level >= 2
        pierced = any(
            word in case.operations[0].operation.name for word in ("穿刺", "造影", "支架")
        )
        said.append(case.pick(_WOUND if cut else _PIERCED if pierced else _ENDOSCOPIC))
    said.append(case.pick(_PLAIN))
    said = list(dict.fromkeys(said))
    return "，".join(said) + "。"


def discharge_orders(case: Case, home: Sequence[Line]) -> str:
    """出院医嘱: medicines to go on with, how to live, when to come again."""
    if case.dead:
        return ""
    if delivers(case):
        return birth_orders(case)
    said = [living(case), *noticed(case)]
    if home:
        said.append("出院带药：" + "，".join(used(line) for line in home[:5]))
    if any(one.operation.level for one in case.operations):
        said.append(
            case.pick(_AFTER_OPERATION).format(n=numeral(7 + int(case.random.random() * 4)))
        )
    said.append(
        case.pick(
            (
                "2周后门诊复查",
                "1个月后门诊复查，不适随诊",
                "定期复查相关指标",
                "门诊随访，病情变化随诊",
            )
        )
    )
    if case.plan.refer in ("town", "village"):
        said.append("转回社区卫生机构继续康复及管理")
    return "".join(f"{number}.{one}；" for number, one in enumerate(said, 1))[:-1] + "。"


def ward_round(case: Case, doctor: str) -> str:
    """A day's note."""
    if case.dead:
        return case.pick(_GRAVE)
    if delivers(case):
        return after_birth(case)
    symptoms = [SYMPTOMS[key].name for key in case.plan.symptoms[:2] if key in SYMPTOMS]
    return case.pick(_ROUNDS).format(
        who=case.who, s=listed(symptoms) or "症状", e=case.pick(_PLAIN), doctor=doctor
    )


def nursing(case: Case, vitals: str) -> str:
    """A shift's note by the nurse."""
    if case.dead:
        return f"{vitals}。患者病危，持续心电监护、吸氧，保持静脉通路，严密观察病情，做好家属安抚。"
    return case.pick(_NURSING).format(
        who=case.who, v=vitals or "生命体征平稳", care=case.pick(_CARE)
    )


_CLOSED: Final = ("镜检查", "活组织检查", "活检", "穿刺", "置管", "造影", "镜下", "支架", "消融")
"""Parts of the names of operations that open nothing and close nothing."""


def operation_record(case: Case, done: Done, surgeon: str, assistant: str) -> str:
    """The record of one operation."""
    minutes = round((done.end - done.begin).total_seconds() / 60)
    lost = (5, 10, 20, 30, 50, 100)[int(case.random.random() * 6)]
    if delivers(case) and case.plan.facts.get("blood-loss", "").isdigit():
        lost = max(100, int(case.plan.facts["blood-loss"]) * 4 // 5)
    elif done.operation.level >= 3:
        lost *= 3
    closed = any(word in done.operation.name for word in _CLOSED)
    if closed:
        lost = min(lost, 10)
    how = done.operation.anaesthesia or "局部麻醉"
    name = short_name(case.plan.diagnoses[0].name) if case.plan.diagnoses else ""
    text = f"手术名称：{done.operation.name}。术前诊断：{name}。麻醉方式：{how}。手术者：{surgeon}"
    text += f"，助手：{assistant}。" if assistant else "。"
    text += case.pick(
        (
            "麻醉成功后，取合适体位，常规消毒铺巾，",
            "患者入室核对无误，麻醉满意后常规消毒、铺无菌单，",
            "三方核查后开始手术，常规消毒铺单，",
        )
    )
    if closed:
        text += case.pick(("操作顺利，过程中生命体征平稳，", "一次操作成功，患者耐受可，"))
        return text + f"检查无活动性出血。操作历时{minutes}分钟，出血约{lost}ml，术后安返病房。"
    text += case.pick(
        (
            "按术式逐步进行，探查见病变与术前诊断相符，",
            "术中所见与术前诊断一致，",
            "分离显露术区，妥善止血，",
        )
    )
    text += case.pick(
        (
            "彻底止血，清点器械敷料无误，逐层关闭。",
            "操作顺利，检查无活动性出血，清点无误。",
            "冲洗术野，查无出血，结束手术。",
        )
    )
    return text + f"手术历时{minutes}分钟，术中出血约{lost}ml，术后安返病房。"
