"""What the doctor says to do: tests, medicines, how to live, when to come again."""

from collections.abc import Sequence
from typing import Final

from minkang.synth.lives.drugs import DRUGS, FREQUENCY_WORDS
from minkang.synth.record import Line
from minkang.synth.texts.case import Case
from minkang.synth.texts.living import BY_DISEASE
from minkang.synth.texts.symptoms import SYMPTOMS
from minkang.synth.texts.values import result
from minkang.synth.texts.words import listed

_CHILD_CHECKED: Final = (
    "均衡膳食，每日户外活动2小时以上，按时复查。",
    "控制电子屏幕时间，早晚刷牙，定期复查视力及牙齿。",
    "合理膳食，少食甜食及油炸食品，保证睡眠。",
    "结果反馈家长，异常项目到专科复查。",
)
_BABY_CHECKED: Final = (
    "按月龄添加辅食，补充维生素D，按时预防接种。", "合理喂养，多做户外活动，定期儿保。",
    "注意口腔清洁，规律睡眠，下次按时查体。",
)  # fmt: skip
_BORN: Final = (
    "母乳喂养，按需哺乳，注意脐部护理，出院后社区家庭访视。",
    "注意保暖及黄疸变化，生后数日开始补充维生素D。",
    "按时接种疫苗，黄疸加重、吃奶差及时就诊。",
)  # fmt: skip
_HIGH: Final = ("今血压偏高，建议监测血压", "血压偏高，建议非同日复测", "嘱自测血压，必要时复诊")
_ANY: Final = (
    "注意休息，清淡饮食",
    "规律作息，适量运动",
    "注意保暖，避免劳累",
    "合理饮食，注意观察病情变化",
)
_COME: Final = (
    "不适随诊", "{d}天后复诊", "1周后复查，不适随诊", "症状加重及时就诊", "如无好转{d}天后复诊",
    "定期复查", "门诊随访", "按时服药，{d}天后复诊",
)  # fmt: skip
_COME_LONG: Final = (
    "1个月后复诊",
    "按时取药，1个月后复诊",
    "定期随访，不适随诊",
    "3个月后复查",
    "坚持服药，定期复诊",
)
_CHECKED: Final = (
    "体检结果待汇总后反馈，均衡膳食，适量运动。", "建议戒烟限酒，控制体重，每年体检一次。",
    "结果出具后请家庭医生解读，注意合理饮食。", "保持健康生活方式，异常指标门诊复查。",
)  # fmt: skip


def advice(case: Case, lines: Sequence[Line]) -> str:
    """The last paragraph of an outpatient record."""
    plan = case.plan
    if plan.kind == "P" and "hearing" in plan.facts:
        return case.pick(_BORN)
    if plan.kind == "P":
        young = case.age < 16
        return case.pick(_BABY_CHECKED if case.age < 3 else _CHILD_CHECKED if young else _CHECKED)
    if case.dead:
        return _in_vain(case, lines)
    said: list[str] = []
    if (case.reports and case.chance(0.4)) or (case.studies and case.chance(0.3)):
        said.append(case.pick(("完善相关检查", "已完善检查，结果如上", "辅助检查回报后再评估")))
    if lines:
        said.append(_medicines(case, lines))
    done = [one.operation.name for one in case.operations]
    if done:
        said.append(f"予{listed(done[:3])}")
    if plan.herbs:
        formula = plan.facts.get("formula")
        said.append(f"中药汤剂{'，' + formula + '加减' if formula else '辨证加减'}，忌生冷辛辣")
    said.append(living(case))
    pressure = case.vitals.systolic
    if (
        pressure is not None and pressure >= 140 and case.age >= 18 and case.chance(0.75)
        and all(one.key != "hypertension" for one in case.known)
    ):  # fmt: skip
        said.append(case.pick(_HIGH))
    said += noticed(case)
    if plan.refer:
        said.append(
            case.pick(("建议转上级医院进一步诊治", "病情需要，转诊上级医院", "已开具转诊单"))
            if plan.care in ("village", "town")
            else "回社区继续管理"
            if plan.diagnoses[0].certain
            else "建议专科进一步诊治"
        )
    elif lines and lines[0].days >= 25:
        said.append(case.pick(_COME_LONG))
    else:
        said.append(case.pick(_COME).format(d=3 + int(case.random.random() * 5)))
    if len(said) > 2 and case.style.brief < 0.5:
        return "".join(f"{number}.{one}；" for number, one in enumerate(said, 1))[:-1] + "。"
    return "；".join(said) + "。"


def noticed(case: Case) -> list[str]:
    """What a result shows that nobody has treated yet: sugar, fats."""
    known = {one.key for one in case.known}
    said = []
    sugar, fat = result(case, "hba1c"), result(case, "ldl")
    if sugar is not None and sugar.flag == "H" and not known & {"diabetes", "diabetes-type-1"}:
        said.append("糖化血红蛋白升高，建议内分泌科就诊，复查空腹血糖")
    if fat is not None and fat.flag == "H" and "dyslipidaemia" not in known:
        said.append("血脂偏高，建议低脂饮食，3个月后复查")
    return said


def _in_vain(case: Case, lines: Sequence[Line]) -> str:
    """What was done for somebody who died in the emergency room."""
    given = f"，予{listed([short_drug(line.drug) for line in lines[:4]])}" if lines else ""
    end = case.pick(("心电图呈直线，宣布临床死亡", "呼吸心跳未恢复，宣布临床死亡"))
    return (
        f"立即心肺复苏、气管插管、建立静脉通路{given}，持续心电监护；"
        f"经积极抢救无效，{end}；已向家属交代病情。"
    )


def _medicines(case: Case, lines: Sequence[Line]) -> str:
    if case.style.brief > 0.6:
        return f"予{listed([short_drug(line.drug) for line in lines[:4]])}治疗"
    return "，".join([used(line) for line in lines[:4]])


def used(line: Line) -> str:
    """Name, dose, route and how often, as an order says it."""
    often = FREQUENCY_WORDS.get(line.frequency, line.frequency)
    return f"{short_drug(line.drug)}{line.dose} {line.route} {often}"


_NAMED: Final = {
    "insulin-premixed": "预混人胰岛素30R", "insulin-aspart-30": "门冬胰岛素30",
    "insulin-isophane": "中效人胰岛素", "salmeterol-fluticasone": "沙美特罗替卡松",
    "budesonide-formoterol": "布地奈德福莫特罗", "tiotropium": "噻托溴铵",
    "rosuvastatin": "瑞舒伐他汀", "atorvastatin": "阿托伐他汀", "pravastatin": "普伐他汀",
    "pitavastatin": "匹伐他汀", "losartan": "氯沙坦", "warfarin": "华法林",
    "sacubitril-valsartan": "沙库巴曲缬沙坦", "compound-danshen": "复方丹参滴丸",
    "suxiao-jiuxin": "速效救心丸", "hr-fixed": "异福胶囊", "hrze-fixed": "四联抗结核固定复方",
    "liuwei-dihuang": "六味地黄丸", "jingui-shenqi": "金匮肾气丸",
}  # fmt: skip


def short_drug(key: str) -> str:
    """A product by the name that doctors say: without salt and form."""
    return _SHORT[key]


def _plain(name: str) -> str:
    for salt in _SALTS:
        name = name.removeprefix(salt)
    for mark in ("(", "（"):
        name = name.split(mark)[0]
    for form in _FORMS:
        if name.endswith(form) and len(name) > len(form) + 1:
            name = name[: -len(form)]
            break
    return name


_SALTS: Final = (
    "注射用",
    "苯磺酸",
    "盐酸",
    "硫酸氢",
    "硫酸",
    "酒石酸",
    "琥珀酸",
    "富马酸",
    "马来酸",
    "枸橼酸",
    "磷酸",
    "草酸",
    "甲磺酸",
    "醋酸",
    "重酒石酸",
    "吸入用",
)
_FORMS: Final = (
    "肠溶软胶囊",
    "肠溶胶囊",
    "缓释胶囊",
    "软胶囊",
    "缓释片",
    "控释片",
    "肠溶片",
    "分散片",
    "咀嚼片",
    "口服溶液",
    "混悬液",
    "干混悬剂",
    "口服混悬液",
    "吸入气雾剂",
    "吸入溶液",
    "胶囊",
    "颗粒",
    "注射液",
    "口服液",
    "滴眼液",
    "乳膏",
    "软膏",
    "片",
    "丸",
    "散",
    "糖浆",
)
_SHORT: Final = {key: _NAMED.get(key, _plain(product.name)) for key, product in DRUGS.items()}


INJECTED: Final = frozenset(
    _SHORT[key]
    for key, product in DRUGS.items()
    if "注射" in product.route or "静脉" in product.route
)
"""Short names of what is not swallowed."""


def living(case: Case) -> str:
    """How to live with it, by the first diagnosis."""
    if case.age < 28 / 365.25:
        return case.pick(
            ("母乳喂养，注意保暖，观察黄疸及吃奶情况", "合理喂养，注意脐部护理，定期儿保随访")
        )
    code = case.plan.diagnoses[0].code if case.plan.diagnoses else ""
    for starts, ways in BY_DISEASE:
        if code.startswith(starts):
            return case.pick(ways)
    if case.plan.symptoms and case.plan.symptoms[0] in SYMPTOMS and case.age < 7:
        return case.pick(("注意护理，合理喂养，观察精神反应", "多饮水，清淡饮食，注意体温变化"))
    return case.pick(_ANY)
