"""What topics, kinds and refusals of consent, broken glass and guardians are called on pages."""

from collections.abc import Callable, Iterable, Mapping

from minkang.policy.glass import REASONS
from minkang.policy.guardians import EVIDENCE
from minkang.web.rendering import N_

Say = Callable[[str], str]

TOPICS: Mapping[str, str] = {
    "hiv-std": N_("性病、艾滋病"),
    "mental": N_("精神心理"),
    "genetic": N_("遗传与基因"),
    "reproductive": N_("生殖健康"),
    "restricted": N_("其他标为保密的内容"),
}
"""The sensitive topics, as residents read them."""

CONSENT_KINDS: Mapping[str, str] = {
    "give": N_("同意"),
    "narrow": N_("调整范围"),
    "withdraw": N_("撤回"),
}

CONSENT_ERRORS: Mapping[str, str] = {
    "not-given": N_("还没有同意，或已经撤回。"),
    "topic-unknown": N_("没有这一类内容。"),
    "period": N_("日期不对：结束要晚于开始。"),
    "too-many": N_("选择的机构太多。"),
    "no-patient": N_("平台上还没有您的记录。"),
    "document": N_("请填写纸质同意书的编号（最多 64 字）。"),
    "evidence": N_("请确认居民本人已在纸质同意书上签字。"),
    "statement": N_("请先阅读全文并勾选同意。"),
    "of-age": N_("满十四周岁以后，由本人决定。"),
}

GLASS_REASONS: Mapping[str, str] = dict(
    zip(
        REASONS,
        (
            N_("患者昏迷或意识不清"),
            N_("危及生命，需立即处置"),
            N_("患者无法出示健康码或表达同意"),
            N_("群体伤害事件"),
            N_("其他紧急情况"),
        ),
        strict=True,
    )
)

GLASS_STATES: Mapping[str, str] = {
    "waiting": N_("待复核"),
    "asked": N_("等待医生说明"),
    "justified": N_("理由成立"),
    "not-justified": N_("理由不成立"),
    "answered": N_("医生已说明"),
}

GLASS_ERRORS: Mapping[str, str] = {
    "reason-unknown": N_("请选择紧急情况。"),
    "too-short": N_("请写清楚，字数太少。"),
    "too-long": N_("最多 1000 字。"),
    "own": N_("不能复核与自己有关的紧急查阅。"),
    "decided": N_("已经有复核结论。"),
    "not-asked": N_("没有需要说明的问题。"),
    "unknown": N_("没有这一条，或不归您处理。"),
}

KINDS: Mapping[str, str] = {"child": N_("未成年子女"), "care": N_("由我照护的成年人")}

EVIDENCES: Mapping[str, str] = {
    "birth-certificate": N_("出生医学证明"),
    "household-register": N_("户口簿"),
    "court": N_("法院判决或裁定"),
    "entrusted": N_("委托监护协议"),
}

GUARDIAN_STATES: Mapping[str, str] = {
    "asked": N_("等待核对证件"),
    "recorded": N_("等待第二人核对"),
    "confirmed": N_("已确认"),
    "refused": N_("未通过"),
    "ended": N_("已结束"),
}

GUARDIAN_ERRORS: Mapping[str, str] = {
    "evidence": N_("关系和证明材料不相符。"),
    "document": N_("请填写证明材料的编号（最多 64 字）。"),
    "period": N_("请填写结束日期，且要晚于开始日期。"),
    "self": N_("不能登记自己。"),
    "already": N_("已经登记或正在核对。"),
    "too-many": N_("等待核对的申请太多，请先等结果。"),
    "unknown": N_("没有这一条，或不归您处理。"),
    "decided": N_("已经有结论。"),
    "second-look": N_("须由另一位同事核对，且不能是当事人。"),
    "no-match": N_("平台上没有与所填信息相符的居民，不能确认。"),
    "birth-date": N_("不知道出生日期，不能按未成年人确认。"),
    "adult": N_("已满十八周岁，不能按未成年人确认。"),
    "words": N_("请写明不通过的理由（最多 500 字）。"),
    "name": N_("请填写姓名。"),
    "number": N_("请填写 18 位身份证号。"),
    "institution": N_("请选择核对证件的机构。"),
    "code": N_("电子健康码不对，请双方当面出示。"),
}

OBJECTION_ERRORS: Mapping[str, str] = {
    "too-short": N_("请写清楚，字数太少。"),
    "too-long": N_("最多 1000 字。"),
    "already": N_("对这一条已经提出过异议。"),
    "unknown": N_("没有这一条，或不归您处理。"),
    "own": N_("不能答复与自己有关的异议。"),
    "answered": N_("已经答复过。"),
}


def choices(words: Mapping[str, str], say: Say, only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Codes with their words, in their order; `only` these if given."""
    wanted = set(only) or set(words)
    return [(code, say(text)) for code, text in words.items() if code in wanted]


def evidences(say: Say) -> list[tuple[str, str]]:
    """What can show a relation."""
    known = {one for several in EVIDENCE.values() for one in several}
    return choices(EVIDENCES, say, known)


def said(words: Mapping[str, str], code: str, say: Say) -> str:
    """The words for a code; an unknown one as it is."""
    return say(words[code]) if code in words else code
