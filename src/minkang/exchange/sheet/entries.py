"""The entries of a section as records: what one act says, named as the document names it."""

from collections.abc import Iterator
from typing import Final

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Section, is_act, item_of
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.sheet.words import (
    amount_words,
    code_words,
    loose_words,
    plain,
    range_words,
    span_words,
    value_words,
)
from minkang.terminology import built_in

_ELEMENTS: Final = "urn:oid:2.16.156.10011.2.2.1"
_SAME: Final = {
    "检验定量结果": "结果",
    "检查定量结果": "结果",
    "检验定量结果计量单位": "单位",
    "检查定量结果计量单位": "单位",
    "计量单位": "单位",
}
"""Names of data elements that are one column on paper."""
_NAMED: Final = {
    "targetSiteCode": "部位",
    "methodCode": "方法",
    "approachSiteCode": "入路",
    "routeCode": "途径",
    "administrationUnitCode": "剂型",
    "interpretationCode": "标志",
    "priorityCode": "优先级",
}
_PEOPLE: Final = {
    "performer": "执行者",
    "author": "记录者",
    "participant": "参与者",
    "informant": "陈述者",
    "specimen": "标本",
}
_SILENT: Final = frozenset({"id", "templateId", "statusCode", "code", "value", "qualifier"})


class Cell(msgspec.Struct, frozen=True):
    """One thing said: its name, its words, the unit of a number."""

    label: str
    text: str
    unit: str = ""

    @property
    def words(self) -> str:
        """The words with their unit."""
        return f"{self.text} {self.unit}" if self.unit else self.text


Record = tuple[Cell, ...]


def records_of(section: Section) -> Iterator[Record]:
    """One record an act; an organizer of several alike (items of a report) gives one for each."""
    for act in section.acts():
        cells = [one for one in _cells(act, section.code) if one.text]
        yield from split(cells) if act.name == "organizer" else [tuple(cells)]


def split(cells: list[Cell]) -> list[Record]:
    """Cut before each cell that is named as the first one."""
    found: list[list[Cell]] = []
    for cell in cells:
        if not found or cell.label == cells[0].label:
            found.append([])
        found[-1].append(cell)
    return [tuple(one) for one in found]


def _cells(act: Element, section: str, *, nested: bool = False) -> Iterator[Cell]:
    label = ""
    if act.name == "observation":
        label = _label(act, section)
        for value in act.all("value"):
            yield Cell(label, *value_words(value))
    elif act.name != "substanceAdministration":
        label = "分组" if act.name == "organizer" else "操作" if act.name == "procedure" else "项目"
        yield Cell(label, code_words(act.first("code")))
    within = act.name == "observation"
    for child in act.children:
        for cell in _said(child, section, nested=within):
            time = nested and cell.label == "时间"
            yield msgspec.structs.replace(cell, label=f"{label}时间") if time else cell


def _said(child: Element, section: str, *, nested: bool) -> Iterator[Cell]:
    """What a part of an act says beside its code and value."""
    name = child.name
    if name in _SILENT:
        return
    if name in ("entryRelationship", "component"):
        for inner in child.children:
            if is_act(inner):
                yield from _cells(inner, section, nested=nested)
    elif name == "effectiveTime":
        yield Cell("时间", plain(span_words(child)))
    elif name == "referenceRange":
        value = child.first("observationRange", "value")
        said = range_words(value) if value is not None else ""
        yield Cell("参考范围", said or loose_words(child))
    elif name == "consumable":
        yield from _drug(child)
    elif name in ("doseQuantity", "rateQuantity", "maxDoseQuantity"):
        yield Cell({"doseQuantity": "剂量", "rateQuantity": "频次"}.get(name, "最大剂量"),
                   *amount_words(child))  # fmt: skip
    elif name in _NAMED:
        yield Cell(_NAMED[name], code_words(child))
    elif name in _PEOPLE:
        role = next((said for one in child.below("code") if (said := code_words(one))), "")
        yield Cell(role or _PEOPLE[name], loose_words(child, role))
    else:
        yield Cell("说明" if name == "text" else "其他", loose_words(child))


def _drug(child: Element) -> Iterator[Cell]:
    drug = child.first("manufacturedProduct", "manufacturedLabeledDrug")
    if drug is None:
        yield Cell("药物", loose_words(child))
        return
    named = text_of(drug.first("name"))
    coded = code_words(drug.first("code"))
    yield Cell("药物", plain(named) or coded)
    if named and coded not in ("", named):
        yield Cell("药物编码", coded)


def _label(act: Element, section: str) -> str:
    """What a data element is called, without the word code: a name stands there."""
    item = item_of(act, section)
    label = item.label
    if not label and attribute_of(act.first("code"), "codeSystem"):
        table = built_in(_ELEMENTS)
        concept = table.concept(item.code) if table is not None else None
        label = concept.display if concept is not None else ""
    label = plain(label)
    if len(label) > 3 and label.endswith("代码"):
        label = label.removesuffix("代码")
    return _SAME.get(label, label)
