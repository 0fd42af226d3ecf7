"""What the message log shows of a document before anybody has read it."""

import re
from typing import Final

from minkang.exchange.cda.kinds import TEMPLATES

_HEAD: Final = 16 * 1024
_TEMPLATE: Final = re.compile(rb"2\.16\.156\.10011\.2\.1\.1\.\d{2}(?!\d)")
_CODE: Final = re.compile(rb"""<(?:[\w.-]+:)?code\s[^>]*?\bcode\s*=\s*["'](C00\d\d)["']""")
_ID: Final = re.compile(rb"<(?:[\w.-]+:)?id\s([^>]{0,500})>")
_EXTENSION: Final = re.compile(rb"""\bextension\s*=\s*["']([^"'<]{1,200})["']""")


def label_of(raw: bytes) -> tuple[str, str]:
    """Kind and number for the message log: `document:C0007` and the document's number.

    A look at the first bytes only, for whoever keeps a document in the inbox: it refuses nothing,
    and what it can't find is left empty. What the document really is `kind_of` says.
    """
    head = raw[:_HEAD].replace(b"\0", b"")
    template = _TEMPLATE.search(head)
    kind = TEMPLATES.get(template[0].decode()) if template else None
    if kind is None and (code := _CODE.search(head)):
        kind = code[1].decode()
    name = f"document:{kind}" if kind else "document"
    element = _ID.search(head)
    number = _EXTENSION.search(element[1]) if element else None
    return name, number[1].decode(errors="replace").strip() if number else ""
