"""A form filled in: the elements of a document, or every reason why it can't be written."""

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from minkang.exchange.documents.form import V3, Binding, Form, Node
from minkang.exchange.documents.formats import Unwritable, written
from minkang.exchange.documents.values import put_value
from minkang.exchange.mappings.cda.typed import Typed
from minkang.fhir import Problem, Refused

_SPACES: Final = {None: V3, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_MOST_PROBLEMS: Final = 100
_NOTHING: Final[Mapping[str, Any]] = {}

Item = Mapping[str, Any]
"""What an element stands for: texts, a `value` (Typed), lists of inner items by name."""


def fill(form: Form, whole: Item) -> "etree._Element":
    """The document of a form.

    Raises:
        Refused: stage `write`; `required` where a value is missing, else the rule of `formats`,
            each with the XPath of the element.
    """
    return _Filling(form, whole).document()


class _Filling:
    """One document being written; problems in parts that are left out do not count."""

    def __init__(self, form: Form, whole: Item) -> None:
        self._form = form
        self._whole = whole
        self._problems: list[Problem] = []

    def document(self) -> "etree._Element":
        root: Any = etree.Element(self._form.root.tag, nsmap=_SPACES)
        for child in self._form.root.children:
            self._put(child, root, self._whole)
        if self._problems:
            raise Refused(dict.fromkeys(self._problems[:_MOST_PROBLEMS]))
        return root

    def _put(self, node: Node, above: Any, item: Item) -> bool:
        """Add what a node of the form asks for; whether anything was said in it."""
        if node.each:
            return self._put_each(node, above, item)
        if node.of:
            inner: list[Item] = list(item.get(node.of, ()))
            if not inner and node.optional:
                return False
            if len(inner) > 1:
                self._problem(node.place, "too-many", f"此处只能写一项，却有 {len(inner)} 项")
            item = inner[0] if inner else _NOTHING
        before = len(self._problems)
        element = etree.SubElement(above, node.tag)
        said = self._element(node, element, item)
        if node.optional and not said:
            above.remove(element)
            del self._problems[before:]
        return said

    def _put_each(self, node: Node, above: Any, item: Item) -> bool:
        items: list[Item] = list(item.get(node.each, ()))
        if len(items) > node.most:
            self._problem(
                node.place, "too-many", f"此处最多写 {node.most} 项，却有 {len(items)} 项"
            )
        if len(items) < node.least:
            items += [_NOTHING] * (node.least - len(items))
        said = False
        for one in items[: node.most]:
            element = etree.SubElement(above, node.tag)
            said = self._element(node, element, one) or said
        return said

    def _element(self, node: Node, element: Any, item: Item) -> bool:
        said = False
        for name, content in node.attributes:
            text, bound = self._text(content, item, f"{node.place}/@{name}")
            if text or not (isinstance(content, Binding) and content.optional):
                element.set(name, text)
            said = said or bound
        if node.text is not None:
            element.text, bound = self._text(node.text, item, node.place)
            said = said or bound
        if node.value:
            said = self._value(node, element, item) or said
        for child in node.children:
            said = self._put(child, element, item) or said
        return said

    def _text(self, content: str | Binding, item: Item, place: str) -> tuple[str, bool]:
        """What stands somewhere, and whether it is a value of this document."""
        if isinstance(content, str):
            return content, False
        value = content.of(self._whole, item)
        if not value:
            if content.required:
                self._problem(place, "required", "缺少必填内容，平台中没有这项数据")
            return content.default, False
        try:
            return written(value, content.format), True
        except Unwritable as why:
            self._problem(place, why.rule, f"{value[:40]!r}：{why.text}")
            return "", True

    def _value(self, node: Node, element: Any, item: Item) -> bool:
        value = item.get("value")
        if not isinstance(value, Typed):
            return False
        try:
            put_value(element, value, self._form.types)
        except Unwritable as why:
            name = item.get("name") or item.get("code") or ""
            self._problem(node.place, why.rule, f"{name}：{value.text[:40]!r}：{why.text}")
        return True

    def _problem(self, place: str, rule: str, text: str) -> None:
        self._problems.append(Problem("write", place, rule, text))
