"""A printed sheet: titles, facts, tables on A4, with a foot on every page that says whose it is,
who printed it and what for. Knows nothing of records; text is only ever text.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

FONT: Final = Path(__file__).parent / "font" / "NotoSansSC.ttf"
_FAMILY: Final = "NotoSansSC"
_MARGIN, _FOOT = 14, 16  # mm
_TITLE, _HEADING, _TEXT, _SMALL = 17, 12, 9, 7.5  # points
_INK, _QUIET, _RULE = (26, 32, 44), (95, 104, 120), (196, 203, 214)
_MISSING: Final = "〓"
"""Geta mark: stands for a character that no font here has."""
_ALIKE: Final = {"\u03bc": "\u00b5", "\u2126": "\u03a9", "\u00a0": " ", "\u2011": "-"}
"""Characters of units that the font has under another number."""


class FontMissing(Exception):  # noqa: N818 - reads as what happened
    """The font has not been made (`make setup` makes it)."""


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> tuple[str, frozenset[str]]:
    """A text as the font can show it, and the characters that it can't; no control characters."""
    known = _characters()
    shown, missing = [], set()
    for one in text:
        alike = _ALIKE.get(one, one)
        if alike in "\n\t" or alike.isspace():
            shown.append("\n" if alike == "\n" else " ")
        elif ord(alike) in known:
            shown.append(alike)
        elif alike.isprintable():
            missing.add(one)
            shown.append(_MISSING)
    return "".join(shown), frozenset(missing)


class Sheet(FPDF):
    """A document that is being written.

    Args:
        foot: stands at the foot of every page, before the page's number.
        title: of the file.

    Raises:
        FontMissing: the platform was not set up whole.
    """

    def __init__(self, title: str, foot: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        if not FONT.is_file():
            raise FontMissing(str(FONT))
        self.missing: set[str] = set()
        self._foot = self._shown(foot)
        self.add_font(_FAMILY, fname=FONT)
        self.set_title(self._shown(title))
        self.set_creator("Minkang")
        self.set_lang("zh-CN")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_FOOT)
        self.alias_nb_pages()
        self.add_page()
        self._font(_TITLE)
        self._line(title, 9)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-_FOOT + 4)
        self.set_draw_color(*_RULE)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self._font(_SMALL, _QUIET)
        self.cell(self.epw - 22, 5, self._foot, align="L")
        self.cell(22, 5, f"{self.page_no()} / {{nb}}", align="R")

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and values, two of them in a line."""
        known = [(name, value) for name, value in pairs if value]
        self._font(_TEXT)
        faces = (FontFace(color=_QUIET), FontFace(color=_INK)) * 2
        with self.table(
            borders_layout=TableBordersLayout.NONE, first_row_as_headings=False,
            col_widths=(16, 34, 16, 34), line_height=5.5, padding=(0.3, 1),
        ) as table:  # fmt: skip
            for place in range(0, len(known), 2):
                row = table.row()
                cells = [text for pair in known[place : place + 2] for text in pair]
                for text, face in zip([*cells, *[""] * (4 - len(cells))], faces, strict=True):
                    row.cell(self._shown(text), style=face)

    def section(self, title: str) -> None:
        """A heading; it does not stay alone at the foot of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(3.5)
        self._font(_HEADING)
        self._line(title, 7)

    def lines(self, texts: Iterable[str]) -> None:
        """A list."""
        self._font(_TEXT)
        for text in texts:
            self.multi_cell(
                0, 5.2, f"· {self._shown(text)}", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )

    def note(self, text: str) -> None:
        """Something about what stands there, small."""
        self._font(_SMALL, _QUIET)
        self.multi_cell(0, 4.4, self._shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rows(
        self, columns: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
    ) -> None:
        """A table; its head is repeated on each page. `widths` are shares of the width."""
        self._font(_TEXT)
        self.set_draw_color(*_RULE)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, col_widths=tuple(widths),
            headings_style=FontFace(color=_QUIET), line_height=5, padding=(0.6, 0.8),
            text_align="L",
        ) as table:  # fmt: skip
            for cells in (columns, *rows):
                row = table.row()
                for text in cells:
                    row.cell(self._shown(text))

    def finished(self) -> bytes:
        """The file."""
        return bytes(self.output())

    def _shown(self, text: str) -> str:
        shown, missing = printable(text)
        self.missing |= missing
        return shown

    def _font(self, points: float, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font(_FAMILY, size=points)
        self.set_text_color(*colour)

    def _line(self, text: str, height: float) -> None:
        self.multi_cell(
            0, height, self._shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
