"""Bytes of a document to its sheet."""

from typing import Final

from lxml import etree

from minkang.exchange.cda import kind_name, kind_of, read_document
from minkang.exchange.cda.read import parse_xml
from minkang.exchange.mappings.cda.body import Body, Section
from minkang.exchange.mappings.cda.fields import text_of
from minkang.exchange.mappings.cda.rendition import section_title
from minkang.exchange.sheet.block import Block, Sheet, SheetSection
from minkang.exchange.sheet.entries import records_of
from minkang.exchange.sheet.head import head_of, signed_by
from minkang.exchange.sheet.narrative import narrative_blocks
from minkang.exchange.sheet.tables import blocks_of
from minkang.exchange.sheet.words import plain

LONGEST: Final = 4 * 1024 * 1024
"""Bytes of a document that a page lays out."""
_MOST: Final = 300_000
"""Characters of a piece of text, and of all cells of a table."""


def sheet_of(raw: bytes, charset: str = "utf-8") -> Sheet | None:
    """A document to be read; None if it is longer than a page takes.

    `charset` is the sender's where the document does not say.

    Raises:
        Refused: not readable as a shared document, as `read_document` and `kind_of` say.
    """
    if len(raw) > LONGEST:
        return None
    root = read_document(raw, charset)
    kind = kind_of(root)
    # In the order of the document both trees have the same sections.
    texts = {
        id(ours): theirs.find("{*}text")
        for ours, theirs in zip(
            root.below("section"), parse_xml(raw, charset).iter("{*}section"), strict=True
        )
    }
    laid = [_section(one, texts.get(id(one.node))) for one in Body(root).sections]
    cut = [_cut(one) for one in laid if one.blocks]
    return Sheet(
        plain(text_of(root.first("title")) or kind_name(kind)),
        head_of(root),
        tuple(cut),
        signed_by(root),
        cut == [one for one in laid if one.blocks],
    )


def _section(section: Section, text: "etree._Element | None") -> SheetSection:
    title = plain(section_title(section))
    blocks = [] if text is None else narrative_blocks(text)
    records = [one for one in records_of(section) if one]
    return SheetSection(title, (*blocks, *blocks_of(records, section.code, title)))


def _cut(section: SheetSection) -> SheetSection:
    """No more of it than somebody reads."""
    return SheetSection(section.title, tuple(_cut_block(one) for one in section.blocks))


def _cut_block(block: Block) -> Block:
    if block.kind == "text":
        return Block("text", text=block.text[:_MOST])
    left, rows = _MOST, []
    for row in block.rows if block.kind == "table" else block.lines:
        if left <= 0:
            break
        rows.append(tuple(cell[:left] for cell in row))
        left -= sum(map(len, row))
    if block.kind == "table":
        return Block("table", caption=block.caption, heads=block.heads, rows=tuple(rows))
    return Block("lines", caption=block.caption, lines=tuple((row[0], row[1]) for row in rows))
