"""The running text of a section (HL7 CDA R2, 4.3.5): paragraphs, lists, tables; nothing but words.

Elements that a narrative does not know (a script, a style, an event handler) are their words, too.
"""

from typing import Final

from lxml import etree

from minkang.exchange.mappings.cda.fields import clean, is_absent
from minkang.exchange.sheet.block import Block
from minkang.exchange.sheet.words import plain

_BREAKS: Final = frozenset({"br", "p", "div", "paragraph", "list", "item", "li", "tr", "caption"})
_ITEMS: Final = frozenset({"item", "li"})
_COLUMNS: Final = 40
_ROWS: Final = 1_000


def narrative_blocks(text: "etree._Element") -> list[Block]:
    """The text of a section in the order of the source; empty where it says nothing."""
    found = _Narrative()
    found.read(text)
    found.flush()
    return found.blocks


class _Narrative:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._words: list[str] = []

    def flush(self) -> None:
        """End a running text."""
        if text := _lines("".join(self._words)):
            self.blocks.append(Block("text", text=text))
        self._words = []

    def read(self, node: "etree._Element") -> None:
        """What an element says, without what follows it."""
        self._words.append(node.text or "")
        for child in node:
            name = _name(child)
            if name == "table":
                self.flush()
                self.blocks += _table(child)
            else:
                if name in _BREAKS:
                    self._words.append("\n· " if name in _ITEMS else "\n")
                self.read(child)
                if name in _BREAKS:
                    self._words.append("\n")
            self._words.append(child.tail or "")


def _table(table: "etree._Element") -> list[Block]:
    caption = ""
    rows: list[tuple[str, ...]] = []
    heads: tuple[str, ...] = ()
    for node in table.iter():
        if _name(node) == "caption" and not caption:
            caption = _cell(node)
        if _name(node) != "tr" or len(rows) == _ROWS:
            continue
        cells = [one for one in node if _name(one) in ("td", "th")][:_COLUMNS]
        said = tuple(_cell(one) for one in cells)
        if not heads and not rows and cells and all(_name(one) == "th" for one in cells):
            heads = said
        elif any(said):
            rows.append(said)
    wide = max(map(len, (heads, *rows)), default=0)
    if not rows:
        return [Block("text", text=" ".join(heads))] if heads else []
    full = tuple((*row, *[""] * (wide - len(row))) for row in rows)
    heads = (*heads, *[""] * (wide - len(heads))) if heads else ()
    return [Block("table", caption=caption, heads=heads, rows=full)]


def _cell(node: "etree._Element") -> str:
    return _lines("".join(node.itertext())).replace("\n", " ")


def _lines(text: str) -> str:
    lines = (" ".join(clean(line).split()) for line in text.split("\n"))
    return plain("\n".join(line for line in lines if line != "·" and not is_absent(line)))


def _name(node: "etree._Element") -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
