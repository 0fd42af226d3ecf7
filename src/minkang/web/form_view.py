"""A Questionnaire as its template wants it: groups of questions with what was typed, and faults."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from minkang.record.questionnaires.answers import Answers, Fault, fields_of
from minkang.record.questionnaires.chronic import Advice
from minkang.record.questionnaires.definitions import Form, Item
from minkang.web.rendering import N_

_WORDS: Final = {
    "required": N_("请填写"),
    "no-number": N_("请填数字"),
    "no-whole-number": N_("请填整数"),
    "too-low": N_("不能小于 %(limit)s"),
    "too-high": N_("不能大于 %(limit)s"),
    "too-precise": N_("最多 %(limit)s 位小数"),
    "no-date": N_("请按 2026-11-22 的样子填日期"),
    "no-such-option": N_("请从选项中选择"),
    "not-together": N_("选了“无”，就不能再选别的"),
    "too-long": N_("最多 %(limit)s 个字"),
    "no-text": N_("请填写文字"),
    "date-ahead": N_("随访日期不能晚于今天"),
    "date-too-old": N_("只能补录一年以内的随访"),
    "diastolic": N_("舒张压应低于收缩压，请核对是否填反"),
    "not-controlled": N_("本次测量没有达标，不能归为控制满意"),
    "controlled": N_("本次测量已经达标，不能归为控制不满意"),
    "reaction": N_("有药物不良反应，不能归为控制满意"),
    "complication": N_("有新发或加重的并发症，不能归为控制满意"),
    "next-not-after": N_("下次随访应在本次之后"),
    "next-within": N_("按规范最晚 %(limit)s"),
    "refer": N_("属于危急情况，规范要求处理后紧急转诊"),
    "no-name": N_("请填写药物名称"),
    "delivered-after": N_("分娩日期不能晚于访视日期"),
    "stage": N_("年龄段与出生日期不符，请核对"),
    "judged": N_("检查有异常，不能评价为正常"),
}
_WHY: Final = {
    "pressure": N_("血压达到或超过 180/110 mmHg"),
    "danger": N_("有危急情况"),
    "sugar-high": N_("空腹血糖达到或超过 16.7 mmol/L"),
    "sugar-low": N_("空腹血糖不高于 3.9 mmol/L"),
    "twice": N_("连续两次没有达标或有不良反应"),
    "complication": N_("有新发或加重的并发症"),
    "temperature": N_("体温不低于 37.5 ℃ 或不高于 35.5 ℃"),
    "breaths": N_("呼吸少于 20 次/分或多于 60 次/分"),
    "heart": N_("心率少于 100 次/分或多于 160 次/分"),
    "colour": N_("面色苍白、发绀或手足黄染"),
    "fever": N_("体温达到 38 ℃"),
    "anaemia": N_("血红蛋白低于 110 g/L"),
    "abnormal": N_("检查有异常"),
}
_LONG: Final = 6

Say = Callable[[str], str]


def fault_words(fault: Fault, say: Say) -> str:
    """A fault in the visitor's language."""
    words = say(_WORDS[fault.rule])
    return words % {"limit": fault.limit} if fault.limit else words


def groups_of(
    form: Form, typed: Mapping[str, str], answers: Answers, faults: Iterable[Fault], say: Say,
    language: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """The groups of a form, each with its questions."""
    wrong = {fault.field: fault_words(fault, say) for fault in reversed(list(faults))}
    return [_group(form, one, typed, answers, wrong, language) for one in form.items]


def _group(
    form: Form,
    group: Item,
    typed: Mapping[str, str],
    answers: Answers,
    wrong: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    rows = []
    for row in range(group.rows if group.repeats else 1):
        behind = f".{row}" if group.repeats else ""
        rows.append(
            [_question(one, behind, typed, answers, wrong, language) for one in group.items]
        )
    return {
        "link": group.link,
        "title": group.words.said(language),
        "repeats": group.repeats,
        "rows": rows,
        "wrong": any(
            field in wrong for one in group.items for field in (one.link, *fields_of(form, one))
        ),
    }


def _question(
    item: Item,
    behind: str,
    typed: Mapping[str, str],
    answers: Answers,
    wrong: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    name = f"{item.link}{behind}"
    several = item.kind == "choice" and item.repeats
    return {
        "name": name,
        "link": item.link,
        "kind": item.kind,
        "words": item.words.said(language),
        "unit": item.unit,
        "required": item.required,
        "several": several,
        "short": item.kind == "choice" and not several and len(item.options) < _LONG,
        "step": "1" if item.kind == "integer" or item.places == 0 else "0.1",
        "low": item.low,
        "high": item.high,
        "value": typed.get(name, ""),
        "options": [
            {
                "code": one.code,
                "words": one.words.said(language),
                "name": f"{item.link}.{one.code}" if several else name,
                "on": bool(typed.get(f"{item.link}.{one.code}"))
                if several
                else typed.get(name) == one.code,
            }
            for one in item.options
        ],
        "conditional": bool(item.when),
        "asked": item.link in answers.asked,
        "error": wrong.get(name, ""),
    }


def advice_of(advice: Advice, answers: Answers, say: Say, language: str) -> dict[str, Any]:
    """What the norm says, in words."""
    form = answers.form
    options = form.item("class").options if form.has("class") else ()
    words = {one.code: one.words.said(language) for one in options}
    return {
        "suggested": words.get(advice.suggested, ""),
        "class": advice.suggested,
        "refer": advice.refer,
        "why": [say(_WHY[one]) for one in advice.why],
        "latest": advice.latest.isoformat() if advice.latest else "",
        "goal": f"{advice.goal[0]}/{advice.goal[1]}",
    }
