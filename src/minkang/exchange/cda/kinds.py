"""Which of the 53 shared documents of WS/T 500-2016 a document is.

By its template (`2.16.156.10011.2.1.1.21` to `.73`) or its code (`C0001` to `C0053`), never by the
name of its root or its title: every hospital words those as it likes.
"""

from functools import cache
from typing import Final

from minkang.exchange.cda.element import Element
from minkang.fhir import Problem, Refused
from minkang.terminology import built_in

KIND_SYSTEM: Final = "urn:oid:2.16.156.10011.2.4"
_TEMPLATE = "2.16.156.10011.2.1.1."
TEMPLATES: Final = {f"{_TEMPLATE}{20 + number}": f"C{number:04d}" for number in range(1, 54)}
"""Template to the code of the kind."""
_KINDS: Final = frozenset(TEMPLATES.values())


def kind_of(root: Element) -> str:
    """The code of a document's kind.

    Raises:
        Refused: stage `parse`; `unknown-document` if neither template nor code is of WS/T 500,
            `document-kind` if they contradict each other.
    """
    templates = root.all("templateId")
    by_template = {TEMPLATES[t.get("root")] for t in templates if t.get("root") in TEMPLATES}
    code = root.first("code")
    by_code = code.get("code").upper() if code is not None else ""
    found = by_template | ({by_code} & _KINDS)
    if len(found) == 1:
        return found.pop()
    if found:
        at = code or root
        text = f"templateId 是 {'、'.join(sorted(by_template))}，code 却是 {by_code[:20]}"
        raise Refused([Problem("parse", at.place("code"), "document-kind", text)])
    at = (templates or [root])[0]
    text = "templateId 和 code 都不是 WS/T 500 的 53 类共享文档"
    raise Refused([Problem("parse", at.place(), "unknown-document", text)])


@cache
def kind_name(kind: str) -> str:
    """The Chinese name of a kind: `C0007` is 检验报告."""
    system = built_in(KIND_SYSTEM)
    concept = system.concept(kind) if system is not None else None
    return concept.display if concept is not None else kind
