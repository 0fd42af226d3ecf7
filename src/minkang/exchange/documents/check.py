"""A document judged by our own rules: structure, formats and traps of WS/T 500-2016, by its form.

The published schemas are not part of Minkang; what they demand of these kinds stands in the forms.
Every problem has its XPath with line, and a rule: `missing`, `unexpected`, `too-many`, `code-name`,
`allergy`, and those of `formats` and `values`.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from minkang.exchange.cda import Element, kind_of, read_document
from minkang.exchange.cda.element import XSI_TYPE
from minkang.exchange.documents.form import KINDS, Binding, Form, Node, form_of
from minkang.exchange.documents.formats import Unwritable, judged
from minkang.exchange.mappings.cda.fields import is_absent
from minkang.exchange.mappings.written import decimal
from minkang.fhir import Problem, Refused
from minkang.terminology import built_in

_FLAG: Final = "DE02.10.023.00"
_FOUR: Final = re.compile(r"-?\d{1,5}\.\d{4}", re.ASCII)
_CENTS: Final = re.compile(r"-?\d+\.\d{2}", re.ASCII)
_MOST: Final = 100


def check_document(raw: bytes) -> list[Problem]:
    """What is wrong with a document of a kind in `KINDS`; at most a hundred problems.

    A document that is not readable, or of no such kind, has the problems that say so.
    """
    try:
        root = read_document(raw)
        kind = kind_of(root)
    except Refused as refusal:
        return list(refusal.problems)
    if kind not in KINDS:
        return [Problem("check", root.place(), "kind", f"没有 {kind} 的检查规则")]
    checking = _Checking(form_of(kind))
    checking.children(checking.form.root, root)
    checking.allergies(root)
    return checking.problems[:_MOST]


class _Checking:
    """One document being compared with its form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.problems: list[Problem] = []

    def children(self, node: Node, element: Element) -> None:
        """The children of an element: those that the form has, in its order."""
        waiting = list(element.children)
        for expected in node.children:
            name = expected.tag.rpartition("}")[2]
            count = 0
            while waiting and waiting[0].name == name and (count == 0 or expected.each):
                self._element(expected, waiting.pop(0))
                count += 1
            self._counted(expected, element, name, count)
        for one in waiting:
            self._problem(one, "unexpected", f"此处不应有 {one.name}，或次序不对")

    def _counted(self, node: Node, element: Element, name: str, count: int) -> None:
        if node.each:
            if count < node.least or (count == 0 and node.each == "number"):
                self._problem(element, "missing", f"缺少 {name}")
            if count > node.most:
                self._problem(element, "too-many", f"{name} 最多 {node.most} 项，却有 {count} 项")
        elif count == 0 and not node.optional:
            self._problem(element, "missing", f"缺少 {name}")

    def _element(self, node: Node, element: Element) -> None:
        for name, content in node.attributes:
            given = element.attributes.get(name)
            if isinstance(content, Binding):
                self._bound(content, element, given, name)
        if isinstance(node.text, Binding):
            self._bound(node.text, element, element.text, "")
        if node.value:
            self._value(element)
        else:
            self._named(element)
            self.children(node, element)

    def _bound(self, binding: Binding, element: Element, given: str | None, name: str) -> None:
        """A place where a value goes: there if it must be, and in its format."""
        if given is None:
            if not binding.optional:
                self._problem(element, "missing", f"缺少属性 {name}", name)
            return
        if not given and not (binding.required or binding.default):
            return
        try:
            judged(given, binding.format)
        except Unwritable as why:
            self._problem(element, why.rule, f"{given[:40]!r}：{why.text}", name)

    def _value(self, element: Element) -> None:
        kind = element.get(XSI_TYPE).rpartition(":")[2]
        if not kind:
            return
        if kind not in self.form.types:
            known = "、".join(self.form.types)
            self._problem(element, "value-type", f"此类文档没有 {kind} 类型，只有 {known}", "type")
            return
        special, value = self.form.types[kind], element.get("value")
        if kind in ("PQ", "REAL", "INT", "MO"):
            for rule, text in _wrong_number(kind, special, value, element.get("unit")):
                self._problem(element, rule, text, "unit" if rule == "unit" else "value")
        elif kind == "BL" and value not in ("true", "false", "1", "0"):
            self._problem(element, "boolean", f"{value[:20]!r} 不是 true 或 false", "value")

    def _named(self, element: Element) -> None:
        """A code of the header and the name beside it: of one national table, and fitting.

        Diagnoses and the like are not compared: doctors word them, and hospitals refine the codes.
        """
        code, name = element.get("code"), element.get("displayName")
        table = built_in(f"urn:oid:{element.get('codeSystem')}") if code and name else None
        if table is None or not table.head.complete:
            return
        concept = table.concept(code)
        if concept is None:
            self._problem(element, "choice", f"代码 {code[:20]} 不在 {table.head.title} 中", "code")
            return
        given, right = _plain(name), _plain(concept.display)
        if given not in right and right not in given:
            text = f"代码 {code[:20]} 的含义是 {concept.display}，而不是 {name[:20]}"
            self._problem(element, "code-name", text, "displayName")

    def allergies(self, root: Element) -> None:
        """C0032 demands a drug even where there is no allergy: then it must not name one."""
        for node in root.below("observation"):
            code, value = node.first("code"), node.first("value")
            if code is None or value is None or code.get("code") != _FLAG:
                continue
            if value.get("value") in ("false", "0"):
                for drug in node.all("participant", "participantRole", "playingEntity", "desc"):
                    if not is_absent(drug.text):
                        text = f"过敏史标志为否，却写有过敏药物 {drug.text[:20]}"
                        self._problem(drug, "allergy", text)

    def _problem(self, element: Element, rule: str, text: str, attribute: str = "") -> None:
        if len(self.problems) < _MOST:
            self.problems.append(Problem("check", element.place(attribute), rule, text))


def _plain(name: str) -> str:
    return "".join(one for one in name if one.isalnum())


def _wrong_number(kind: str, special: str, value: str, unit: str) -> Iterator[tuple[str, str]]:
    number = decimal(value) if value else None
    if number is None:
        yield "number", f"{value[:40]!r} 不是数值"
        return
    whole = number == number.to_integral_value()
    if special == "4" and not _FOUR.fullmatch(value):
        yield "decimals", f"{value[:40]!r}：此类文档的数值必须有且只有四位小数"
    elif special == "2" and not _CENTS.fullmatch(value):
        yield "decimals", f"{value[:40]!r}：金额必须有且只有两位小数"
    elif (special == "int" or kind == "INT") and (not whole or Decimal(value).as_tuple().exponent):
        yield "integer", f"{value[:40]!r}：此处只能写整数"
    if special == "天" and unit != "天":
        yield "unit", f"单位 {unit[:20]!r}：此类文档的数量单位只能是 天"
