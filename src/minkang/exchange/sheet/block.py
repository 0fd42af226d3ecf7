"""What a sheet is made of."""

from typing import Literal

import msgspec

Line = tuple[str, str]
"""What is told, and how it stands; what is told is empty for a line of its own."""


class Block(msgspec.Struct, frozen=True):
    """A piece of a section.

    Attributes:
        kind: running text, lines of name and value, or a table.
        text: of running text; lines end in a line feed.
        lines: of lines.
        caption: of lines that belong together, or of a table; may be empty.
        heads: of a table, one for a column; empty where the source gave none.
        rows: of a table; each as long as the widest.
    """

    kind: Literal["text", "lines", "table"]
    text: str = ""
    lines: tuple[Line, ...] = ()
    caption: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class SheetSection(msgspec.Struct, frozen=True):
    """A section as the standard names it."""

    title: str
    blocks: tuple[Block, ...]


class Sheet(msgspec.Struct, frozen=True):
    """A document: what stands above its sections, those, and who signed as (role, who and when).

    `whole` is False where more was in it than a page takes.
    """

    title: str
    head: tuple[Line, ...]
    sections: tuple[SheetSection, ...]
    signed: tuple[Line, ...]
    whole: bool = True
