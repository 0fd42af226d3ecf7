"""A resident's diagnoses in plain words: what stays and is looked after, and what has been."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from minkang.record import ListedProblem
from minkang.record.problems import problem_list
from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_words import ProblemWords, problem_source, problem_words

TYPES: Final = ("Condition",)
_LATELY: Final = timedelta(days=90)

# The answers of the form's question on past diseases, where a source sent the bare number
# (国家基本公共卫生服务规范（第三版）, 居民个人基本信息表, 疾病).
_FORM_ANSWERS: Final = {
    "2": N_("高血压"),
    "3": N_("糖尿病"),
    "4": N_("冠心病"),
    "5": N_("慢性阻塞性肺疾病"),
    "6": N_("恶性肿瘤"),
    "7": N_("脑卒中"),
    "8": N_("严重精神障碍"),
    "9": N_("结核病"),
    "10": N_("肝炎"),
    "11": N_("其他法定传染病"),
    "12": N_("职业病"),
}


def problems_context(asked: OwnAsked) -> dict[str, Any]:
    """`lasting`: one row for each kind of disease that stays; `past`: the others, newest first."""
    found = problem_list(asked.life.of("Condition"), asked.life.names)
    groups: dict[Any, list[tuple[ListedProblem, str]]] = {}
    for problem in found:
        name = _name(problem, asked)
        if not name:
            continue
        words = problem_words(problem.code, name)
        kind = words.icd if words is not None and words.lasting else name
        groups.setdefault(kind, []).append((problem, name))
    rows = [_row(asked, group) for group in groups.values()]
    return {
        "lasting": [row for row in rows if row["lasting"]],
        "past": [row for row in rows if not row["lasting"]],
    }


def _name(problem: ListedProblem, asked: OwnAsked) -> str:
    """The name; that of the form's answer for a bare number; nothing for another number."""
    name = problem.name.strip()
    if not name.isdigit():
        return name
    known = _FORM_ANSWERS.get(name.lstrip("0"))
    return asked.visitor.say(known) if known else ""


def _row(asked: OwnAsked, group: list[tuple[ListedProblem, str]]) -> dict[str, Any]:
    problem, name = max(group, key=lambda one: _when(one[0].last))
    words = problem_words(problem.code, name)
    last = max((one.last for one, _ in group if one.last), default=None)
    institutions = dict.fromkeys(place for one, _ in group for place in one.institutions)
    return {
        "name": name,
        "lasting": words is not None and words.lasting,
        "means": words.means.by(asked.language) if words else "",
        "do": words.do.by(asked.language) if words else "",
        "source": problem_source(words) if words else "",
        "state": asked.visitor.say(_state(words, last, asked.visitor.now)),
        "first": min((one.first for one, _ in group if one.first), default=None),
        "last": last,
        "times": sum(one.times for one, _ in group),
        "institutions": list(institutions),
    }


def _state(words: ProblemWords | None, last: datetime | None, now: datetime) -> str:
    if words is not None and words.lasting:
        return N_("长期管理")
    if last is not None and last >= now - _LATELY:
        return N_("最近看过")
    return N_("以前看过")


def lasting_names(asked: OwnAsked) -> list[str]:
    """The names of diseases that stay, for the emergency card."""
    return [str(row["name"]) for row in problems_context(asked)["lasting"]]


def _when(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def sources_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The sources of the words on a page, each once."""
    return list(dict.fromkeys(str(row["source"]) for row in rows if row["source"]))
