"""A document as plain text that a person can read, whatever its kind."""

from collections.abc import Iterator
from typing import Final

from minkang.exchange.cda import Element, kind_name
from minkang.exchange.cda.element import XSI_TYPE
from minkang.exchange.mappings.cda.body import (
    DISCHARGE,
    Body,
    Item,
    Section,
    is_act,
    item_of,
)
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import role_in
from minkang.exchange.mappings.cda.fields import attribute_of, clean, is_absent, text_of

_NAMES: Final = {
    "29548-5": "诊断",
    "46241-6": "入院诊断",
    "11535-2": "出院诊断",
    "48765-2": "过敏史",
    "30954-2": "检查检验",
    "46209-3": "医嘱",
    "10154-3": "主诉",
    "10164-2": "现病史",
    "11348-0": "既往史",
    "29545-1": "体格检查",
    "18776-5": "治疗计划",
    "47519-4": "手术操作",
    "8716-3": "生命体征",
    "8648-8": "住院过程",
    "11450-4": "主要健康问题",
    "10160-0": "用药",
    "48768-6": "费用",
    "11369-6": "免疫",
    "29762-2": "社会史",
    "10157-6": "家族史",
    "49033-4": "月经史",
    "51848-0": "评估",
    "11336-5": "住院史",
    "42349-1": "转科",
    "10219-4": "术前诊断",
    "10218-6": "术后诊断",
    "55103-6": "失血",
    "56836-0": "输血",
    "10213-7": "麻醉",
    "10216-0": "输液",
    "8724-7": "手术过程",
    "11537-8": "引流",
    "57074-7": "阴道分娩",
    "57076-2": "产后处置",
    "57075-4": "新生儿",
}
_BOOLEANS: Final = {"true": "是", "false": "否", "1": "是", "0": "否"}


def rendition(case: Case) -> str:
    """Title, who, when, and every section with its data elements, one a line."""
    root = case.root
    lines = [text_of(root.first("title")) or kind_name(case.kind)]
    patient = root.first("recordTarget", "patientRole", "patient")
    heads = (
        ("患者", text_of(patient.first("name")) if patient is not None else ""),
        ("性别", _display(patient, "administrativeGenderCode")),
        ("出生", _attribute(patient, "birthTime")),
        ("文档时间", _attribute(root, "effectiveTime")),
        ("作者", text_of(root.first("author", "assignedAuthor", "assignedPerson", "name"))),
    )
    lines += [f"{name}：{text}" for name, text in heads if text]
    lines += _body(case.body)
    return "\n".join(lines) + "\n"


def _attribute(node: Element | None, name: str) -> str:
    return attribute_of(node.first(name), "value") if node is not None else ""


def _display(node: Element | None, name: str) -> str:
    return attribute_of(node.first(name), "displayName") if node is not None else ""


def _body(body: Body) -> Iterator[str]:
    for section in body.sections:
        lines = list(_section(section))
        if lines:
            yield f"【{section_title(section)}】"
            yield from lines


def section_title(section: Section) -> str:
    """What a section is called; C0049 and C0050 have several under the code of discharge."""
    if section.code == DISCHARGE:
        roles = {role for item in section.items() if (role := role_in(item.label))}
        if len(roles) == 1:
            return roles.pop()
    return _NAMES.get(section.code, section.name or section.code)


def _section(section: Section) -> Iterator[str]:
    narrative = section.node.first("text")
    if narrative is not None:
        text = "\n".join(one.text for one in narrative.walk() if not is_absent(one.text))
        if text:
            yield clean(text)
    for act in section.acts():
        yield from _act(act, section.code, "")


def _act(act: Element, section: str, indent: str) -> Iterator[str]:
    if act.name == "observation":
        item = item_of(act, section)
        text = _value(item)
        if text:
            yield f"{indent}{item.label or item.code}：{text}" if item.code else f"{indent}{text}"
        deeper = indent + "  " if text else indent
    else:
        named = _named(act)
        if named:
            yield f"{indent}{named}"
        deeper = indent + "  " if named else indent
    for child in act.children:
        if child.name in ("component", "entryRelationship"):
            for inner in child.children:
                if is_act(inner):
                    yield from _act(inner, section, deeper)


def _named(act: Element) -> str:
    """What a procedure or a drug is called, with dose, route and time where they stand."""
    drug = act.first("consumable", "manufacturedProduct", "manufacturedLabeledDrug")
    code = drug.first("code") if drug is not None else act.first("code")
    name = text_of(drug.first("name")) if drug is not None else ""
    parts = [
        name or attribute_of(code, "displayName") or attribute_of(code, "code"),
        _amount(act.first("doseQuantity")),
        attribute_of(act.first("routeCode"), "displayName"),
        attribute_of(act.first("effectiveTime"), "value"),
    ]
    return " ".join(part for part in parts if part)


def _amount(node: Element | None) -> str:
    value = attribute_of(node, "value")
    return f"{value}{attribute_of(node, 'unit')}" if value else ""


def _value(item: Item) -> str:
    node = item.value
    if node is None:
        return ""
    value = attribute_of(node, "value")
    if value:
        if node.get(XSI_TYPE).endswith("BL"):
            return _BOOLEANS.get(value.lower(), value)
        return value + (attribute_of(node, "unit") or attribute_of(node, "currency"))
    parts = (attribute_of(node, "displayName"), attribute_of(node, "code"))
    return " ".join(part for part in parts if part) or text_of(node)
