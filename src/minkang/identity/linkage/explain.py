"""A score in words: every comparison with its weight, the sum, what ruled and what held back.

Chinese first. Numbers, telephones and names are masked as lists show them: an explanation may be
printed, sent and kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec

from minkang.identity.linkage.definition import ComparisonForm, Definition, LevelForm
from minkang.identity.linkage.features import Features
from minkang.identity.linkage.score import Scored
from minkang.policy.mask import masked_name, masked_number

Language = Literal["zh", "en"]
_Words = Mapping[str, tuple[str, str]]

OUTCOMES: Final[_Words] = {
    "link": ("自动关联", "linked automatically"),
    "review": ("待人工审核", "to be reviewed by a person"),
    "separate": ("不关联", "kept apart"),
}
"""What follows from a score, in Chinese and in English."""

RULES: Final[_Words] = {
    "weights": ("按权重判定", "by the weights"),
    "id-number": (
        "身份证号校验通过且相同，出生日期、性别一致",
        "the same checked ID number, and birth date and sex agree with it",
    ),
    "card": (
        "身份证件号码相同，姓名、出生日期、性别一致",
        "the same document of identity; name, birth date and sex agree",
    ),
    "merged": ("来源机构已合并", "merged by the source itself"),
    "decision": ("人工判定", "decided by a person"),
    "different-numbers": (
        "两人各有校验通过且不同的身份证号，不得自动关联",
        "two different checked ID numbers are never linked automatically",
    ),
    "numbers-apart": (
        "两人各有校验通过且不同的身份证号，视为两人",
        "two different checked ID numbers are two people",
    ),
    "two-on-one-number": (
        "同一身份证号下姓名明显不同，可能冒用或录错",
        "one ID number under clearly different names: perhaps a lent card, or mistyped",
    ),
    "mother-and-child": (
        "可能是母亲与子女共用证卡",
        "perhaps mother and child on one card",
    ),
    "unknown-patient": (
        "登记时身份不明（无名氏），须人工确认",
        "registered as unknown: a person must confirm who it is",
    ),
    "born-apart": (
        "未取名新生儿与另一出生日期的登记，可能是兄弟姐妹",
        "a newborn without a name and another day of birth: perhaps brother or sister",
    ),
    "newborn": (
        "未取名新生儿，出生日期与母亲不能同时核对",
        "a newborn without a name: day of birth and mother do not both agree",
    ),
    "other-twin": (
        "多胞胎中的另一人：性别或出生次序不同",
        "another child of one birth: another sex, or another place in the order",
    ),
    "twins": ("可能是多胞胎中的两人", "perhaps two children of one birth"),
    "relatives": (
        "姓名、出生日期均不同，可能是兄弟姐妹等亲属",
        "neither name nor birth date is the same: perhaps brothers or sisters",
    ),
    "birth-apart": (
        "出生日期相差较大，且无身份证号佐证",
        "another birth date, and no ID number that bears it out",
    ),
    "sex-and-birth": (
        "性别不同，出生日期或姓名也不同",
        "another sex, and another birth date or name",
    ),
    "dead-before": (
        "一方死亡之后另一方仍有就诊登记",
        "one died before the other was registered alive",
    ),
    "name-and-birth": (
        "仅姓名、性别、出生日期相同，缺少其他依据",
        "only name, sex and birth date agree, without further evidence",
    ),
    "two-people": (
        "姓名与出生日期均不相符",
        "neither names nor birth dates agree",
    ),
    "never-the-same": (
        "已人工判定不是同一人",
        "a person decided that they are not the same",
    ),
    "ambiguous": (
        "与两位互不相同的居民同样相符，无法自动取舍",
        "fits two residents equally well who cannot be one",
    ),
}
"""Rules, guards and causes for which a link was refused, in Chinese and in English."""

_PRIOR: Final = ("先验（任意两条登记为同一人）", "Prior (any two registrations are of one person)")
_SUM: Final = ("合计权重", "Sum of the weights")
_PROBABILITY: Final = ("同一人概率", "Probability of one person")
_LIMITS: Final = (
    "阈值：自动关联 {link:g}，审核 {review:g}",
    "Thresholds: link {link:g}, review {review:g}",
)
_SEXES: Final[_Words] = {"male": ("男", "male"), "female": ("女", "female")}
_CERTAIN: Final = 0.999999
"""No probability is shown above this: the model knows no more."""

_VALUES: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "name": ("name", masked_name),
    "id": ("id_raw", masked_number),
    "phone": ("phones", masked_number),
    "address": ("address", lambda text: text[:6] + "…"),
    "kin": ("kin_names", masked_name),
    "cards": ("cards", masked_number),
}
"""For a comparison the column that is shown of both, and how it is masked."""


class Line(msgspec.Struct, frozen=True):
    """One comparison.

    Attributes:
        comparison, level: keys of the definition; title, words: the same in words.
        weight: log2 of the Bayes factor; above 0 it speaks for one person.
        a, b: what both say, masked; "" if nothing, or if they were not handed in.
    """

    comparison: str
    level: str
    title: str
    words: str
    weight: float
    a: str = ""
    b: str = ""


class Explained(msgspec.Struct, frozen=True):
    """A score in words; `prior` and the weights of the lines add up to `weight`."""

    outcome: str
    rule: str
    prior: float
    lines: tuple[Line, ...]
    weight: float
    probability: float
    text: str


def explain(
    definition: Definition,
    scored: Scored,
    language: Language = "zh",
    pair: tuple[Features, Features] | None = None,
) -> Explained:
    """A score in words; with the two registrations (`pair`) also what both say, masked."""
    forms = {one.name: one for one in definition.written.comparisons}
    lines = tuple(
        _line(forms[one.comparison], one.level, one.weight, language, pair) for one in scored.levels
    )
    outcome, rule = said(OUTCOMES, scored.outcome, language), said(RULES, scored.rule, language)
    text = _text(definition, scored, language, lines, f"{outcome}：{rule}")
    return Explained(
        outcome, rule, definition.prior, lines, scored.weight, scored.probability, text
    )


def said(words: _Words, key: str, language: Language) -> str:
    """The words of a key; the key itself where there are none."""
    found = words.get(key)
    return found[language == "en"] if found else key


def _line(
    form: ComparisonForm,
    level: str,
    weight: float,
    language: Language,
    pair: tuple[Features, Features] | None,
) -> Line:
    found = next(one for one in form.levels if one.name == level)
    a, b = (_shown(form.name, one, language) for one in pair) if pair else ("", "")
    return Line(form.name, level, _label(form, language), _label(found, language), weight, a, b)


def _label(form: ComparisonForm | LevelForm, language: Language) -> str:
    return form.en if language == "en" else form.zh


def _shown(comparison: str, features: Features, language: Language) -> str:
    if comparison == "birth":
        return features.birth_date or features.birth_year
    if comparison == "sex":
        return said(_SEXES, features.sex, language)
    column, mask = _VALUES.get(comparison, ("", str))
    value: Any = getattr(features, column, "")
    if isinstance(value, tuple):
        numbers = (one[1] if isinstance(one, tuple) else one for one in value)
        return ", ".join(mask(one) for one in numbers)
    return mask(value) if value else ""


def _text(
    definition: Definition,
    scored: Scored,
    language: Language,
    lines: tuple[Line, ...],
    conclusion: str,
) -> str:
    at = language == "en"
    written = definition.written
    rows = [f"{definition.prior:+8.2f}  {_PRIOR[at]}"]
    for one in lines:
        values = f"  {one.a or '-'} | {one.b or '-'}" if one.a or one.b else ""
        rows.append(f"{one.weight:+8.2f}  {one.title}{': ' if at else '：'}{one.words}{values}")
    rows.append(f"{scored.weight:+8.2f}  {_SUM[at]}")
    rows.append(f"{min(scored.probability, _CERTAIN):8.4%}  {_PROBABILITY[at]}")
    rows.append(_LIMITS[at].format(link=written.link, review=written.review))
    rows.append(conclusion if not at else conclusion.replace("：", ": ", 1))
    return "\n".join(rows)
