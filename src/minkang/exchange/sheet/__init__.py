"""A shared document (WS/T 500-2016) laid out to be read: its head, its sections, tables in them.

Use `sheet_of` with the bytes as they came. What it gives is text alone, without any markup of the
source; whoever shows it escapes it. All 53 kinds are laid out, also those whose body has no mapping
to resources. It judges nothing: a document that was taken in was judged at the door.
"""

from minkang.exchange.sheet.block import Block, Line, Sheet, SheetSection
from minkang.exchange.sheet.lay_out import sheet_of

__all__ = ["Block", "Line", "Sheet", "SheetSection", "sheet_of"]
