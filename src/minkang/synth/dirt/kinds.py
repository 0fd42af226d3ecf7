"""What goes wrong between a desk and the platform, by name: each kind can be switched."""

from typing import Final, Literal

import msgspec

Stage = Literal["registration", "message", "source"]
"""At the desk, on the way of one message, or with a whole source for a time."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of dirt.

    `rate` is per person and institution for the registration, per message that it can befall for
    messages; a source has its trouble or has it not. `expected` is what the receiver should do:
    ok, lost, or `refused:RULE` with the rule of docs/integrators/hl7v2.md or tables.md.
    """

    key: str
    stage: Stage
    name: str
    rate: float
    expected: str
    text: str


# fmt: off
_KINDS: Final = (
    Kind("name-typo", "registration", "姓名形近字", .004, "ok",
         "a character of the name is taken for one that looks like it"),
    Kind("name-homophone", "registration", "姓名同音字", .009, "ok",
         "a character of the name is typed as another one of the same sound"),
    Kind("newborn-name", "registration", "新生儿以母亲姓名登记", .8, "ok",
         "a newborn goes by the mother's name (某某之子) until the first later visit"),
    Kind("sex-slip", "registration", "性别登记错误", .0008, "ok",
         "the wrong sex is ticked"),
    Kind("birth-slip", "registration", "出生日期登记错误", .005, "ok",
         "day and month swapped, a digit of the year, or the first of January for an age"),
    Kind("id-missing", "registration", "未登记身份证号", .05, "ok",
         "nobody asked for the card, or it was at home"),
    Kind("id-typo", "registration", "身份证号录入错误", .008, "ok",
         "one digit wrong or two swapped: the check character no longer fits"),
    Kind("id-wrong", "registration", "身份证号录成他人的有效号码", .0006, "ok",
         "a valid number of the same birth date and sex that is not theirs"),
    Kind("id-shared", "registration", "冒用配偶身份证号", .002, "ok",
         "registered under the spouse's card"),
    Kind("id-guardian", "registration", "儿童登记监护人身份证号", .22, "ok",
         "a child registered under the number of a parent"),
    Kind("phone-missing", "registration", "未登记电话", .04, "ok",
         "no telephone"),
    Kind("phone-typo", "registration", "电话录入错误", .01, "ok",
         "one digit of the telephone wrong, or one too few"),
    Kind("phone-family", "registration", "登记家属电话", .25, "ok",
         "an old person or a child with the telephone of the family"),
    Kind("address-old", "registration", "住址未更新", .35, "ok",
         "the address and telephone of before the move stay"),
    Kind("duplicate-within", "registration", "同一机构重复建档", .02, "ok",
         "a second patient number at the same institution from some day on"),
    Kind("duplicate-across", "registration", "跨机构身份信息不全", .015, "ok",
         "at this institution neither ID number nor telephone, and the day of birth unknown"),
    Kind("late", "message", "迟到", .006, "ok",
         "sent hours to three weeks after it was due"),
    Kind("out-of-order", "message", "乱序", .01, "ok",
         "overtaken by later messages of the same visit"),
    Kind("doubled", "message", "重复发送", .012, "ok",
         "the same bytes again, minutes or days later"),
    Kind("corrected", "message", "结果更正", .012, "ok",
         "a value mistyped, sent, found, and sent again as corrected"),
    Kind("cancelled", "message", "误挂号后取消", .004, "ok",
         "a visit registered by mistake and cancelled within the hour"),
    Kind("impossible-value", "message", "数值不可能", .002, "ok",
         "a decimal point slipped: a value that no living person has"),
    Kind("local-unit", "message", "单位写法不规范", .02, "ok",
         "the unit in a spelling of the house"),
    Kind("local-code", "message", "使用院内编码", .01, "ok",
         "a test under a code of the house alone"),
    Kind("impossible-date", "message", "日期不存在", .0015, "refused:calendar-date",
         "30 February"),
    Kind("not-a-number", "message", "数值项写了文字", .0015, "refused:number",
         "words where a number was announced"),
    Kind("no-patient-number", "message", "缺患者号", .001, "refused:required",
         "no number of the patient"),
    Kind("unknown-event", "message", "缺事件类型", .0008, "refused:unknown-event",
         "an ADT that names no event"),
    Kind("broken-clock", "source", "时钟错误的医院", 1., "ok",
         "the clock runs eight hours behind, and showed the year 2000 for three days"),
    Kind("silent", "source", "停止上传的来源", 1., "lost",
         "a source that fell silent for weeks and never sent what it had"),
    Kind("lossy", "source", "丢失十分之一就诊的医院", 1., "lost",
         "all messages of one visit in ten never leave"),
    Kind("rubbish", "source", "编码混乱的来源", 1., "refused:charset",
         "after an update, one message in eight in another character set than it says"),
    Kind("changed-codes", "source", "年中更换编码的厂商", 1., "ok",
         "from the first of July of the last whole year on, all local test codes are new"),
)
# fmt: on

KINDS: Final = {kind.key: kind for kind in _KINDS}
"""All kinds by their key, in the order in which they are told."""


def chosen(words: str) -> tuple[str, ...]:
    """The kinds that `all`, `none` or a list with commas names, in the order of KINDS.

    Raises:
        ValueError: a word that is no kind.
    """
    if words == "all":
        return tuple(KINDS)
    if words == "none":
        return ()
    wanted = {word.strip() for word in words.split(",") if word.strip()}
    if unknown := sorted(wanted - KINDS.keys()):
        known = ", ".join(KINDS)
        raise ValueError(f"no such dirt: {', '.join(unknown)}; there are all, none, {known}")
    return tuple(key for key in KINDS if key in wanted)
