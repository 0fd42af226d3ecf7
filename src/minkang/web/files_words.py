"""Words of the pages of health files. Those of the sheet and of what counts as use are data, in
both languages (`record/files/*.yaml`); `told` picks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from minkang.record.files.items import sheet_items
from minkang.record.files.refused import Code, FileRefused
from minkang.record.files.sheet import Sheet
from minkang.record.files.uses import uses
from minkang.record.files.work import Kind
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor

Say = Callable[[str], str]

KINDS: Final[Mapping[Kind, str]] = {
    "asked": N_("居民在线申请建档"),
    "died": N_("已死亡，待结案"),
    "moved-in": N_("已迁入，待接收"),
    "moved-out": N_("已迁出，待迁移"),
    "missing": N_("未建档"),
    "not-updated": N_("住院或急诊后未更新"),
    "unused": N_("一年未使用"),
    "incomplete": N_("不完整或有误"),
}
TODO: Final[Mapping[Kind, str]] = {
    "asked": N_("核对"),
    "died": N_("结案"),
    "moved-in": N_("接收"),
    "moved-out": N_("迁移"),
    "missing": N_("建档"),
    "not-updated": N_("更新"),
    "unused": N_("联系"),
    "incomplete": N_("完善"),
}
PLACES: Final[Mapping[Kind, str]] = {
    "asked": "#answer",
    "died": "#close",
    "moved-in": "#transfer",
    "moved-out": "#transfer",
    "missing": "/sheet",
    "not-updated": "/sheet",
    "unused": "#sheet",
    "incomplete": "/sheet",
}
"""Behind `/files/{person}`: where the thing is done."""

STATES: Final = {
    "asked": N_("待核对"),
    "open": N_("在管"),
    "closed": N_("已结案"),
    "refused": N_("未通过"),
}
HOW: Final = {
    "desk": N_("窗口建档"),
    "source": N_("由来源系统的建档表建立"),
    "online": N_("居民在线申请"),
}
REASONS: Final = {
    "died": N_("居民死亡"),
    "moved-away": N_("迁出本区域"),
    "twice": N_("重复建档"),
    "mistaken": N_("误建"),
}
STEPS: Final = {
    "asked": N_("在线申请"),
    "opened": N_("建档"),
    "refused": N_("未通过"),
    "changed": N_("更新"),
    "checked": N_("核对无误"),
    "transferred": N_("迁移"),
    "closed": N_("结案"),
    "reopened": N_("重新启用"),
}
REFUSED: Final[Mapping[Code, str]] = {
    "unknown": N_("没有这份档案。"),
    "there-is-one": N_("这位居民已有健康档案。"),
    "state": N_("档案的状态已变，这一步不能再做。"),
    "changed": N_("别人刚刚改过这份档案，您的修改还没有保存。"),
    "value": N_("填写的内容不符合要求。"),
    "fixed": N_("这一项来自身份登记，须由来源改正。"),
    "reason": N_("请写明原因，2 至 500 字。"),
    "institution": N_("请选择管理健康档案的机构。"),
    "date": N_("日期须在建档之后，不晚于今天。"),
    "no-data": N_("平台上还没有这位居民的登记，请先就诊或登记。"),
}
CORRECTIONS: Final = {
    "open": N_("等待答复"),
    "forwarded": N_("已转原机构核实"),
    "accepted": N_("已更正"),
    "refused": N_("未更正"),
    "withdrawn": N_("已撤回"),
}
OTHERS: Final = {
    "result": N_("检查检验结果"),
    "diagnosis": N_("诊断"),
    "medicine": N_("用药"),
    "visit": N_("就诊记录"),
    "document": N_("病历文书"),
    "other": N_("其他"),
}


def told(visitor: Visitor, words: str) -> str:
    """A word of the data in the visitor's language."""
    if language_of(visitor.request) != "en":
        return words
    return sheet_items().english.get(words) or uses().english.get(words, words)


def item_words(visitor: Visitor, key: str) -> str:
    """What an item of the sheet, or another kind of fact, is called."""
    item = sheet_items().items.get(key)
    if item is not None:
        return told(visitor, item.zh)
    return visitor.say(OTHERS[key]) if key in OTHERS else key


def value_words(visitor: Visitor, key: str, values: tuple[str, ...]) -> str:
    """Values of an item as people read them."""
    item = sheet_items().items[key]
    return "、".join(told(visitor, item.words(one)) for one in values)


def refusal(visitor: Visitor, error: FileRefused) -> str:
    """What could not be done, with the field that it is about."""
    words = visitor.say(REFUSED[error.code])
    return f"{item_words(visitor, error.item)}：{words}" if error.item in _NAMED else words


_NAMED: Final = frozenset(sheet_items().items)


def sheet_groups(
    visitor: Visitor, sheet: Sheet, names: Mapping[str, str], shown: Callable[[str, str], str]
) -> list[dict[str, Any]]:
    """The sheet as a page shows it: groups of items with what each says and who said so.

    `shown` masks a value that is not for the page: key and words to words.
    """
    found = []
    items = sheet_items()
    for group, words in items.groups.items():
        lines = []
        for key, item in items.items.items():
            if item.group != group:
                continue
            said = sheet.get(key)
            lines.append(
                {
                    "key": key,
                    "words": told(visitor, item.zh),
                    "required": item.required,
                    "value": shown(key, value_words(visitor, key, said.values)) if said else "",
                    "before": shown(key, value_words(visitor, key, said.before))
                    if said and said.before
                    else "",
                    "source": names.get(said.source, said.source) if said else "",
                    "author": said.author if said else "",
                    "at": said.at if said else None,
                }
            )
        found.append({"key": group, "words": told(visitor, words), "lines": lines})
    return found
