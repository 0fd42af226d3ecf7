"""A document of WS/T 500 from facts: pure, no store, no clock."""

from lxml import etree

from minkang.exchange.cda import kind_name
from minkang.exchange.documents.body import sections
from minkang.exchange.documents.facts import Facts, refused
from minkang.exchange.documents.fill import fill
from minkang.exchange.documents.form import KINDS, form_of
from minkang.exchange.documents.header import header


def write_document(facts: Facts) -> bytes:
    """The document as UTF-8 XML, in the form of its kind.

    Raises:
        Refused: stage `write`. `kind`: this kind is not written. `empty-document`: there is
            nothing to say. `required`: what the kind demands is not known. `fact-missing`, and
            the rules of `formats` and `values`: it can't be said validly.
    """
    if facts.kind not in KINDS:
        text = f"{kind_name(facts.kind)}（{facts.kind[:20]}）不能由平台重新生成"
        raise refused("/ClinicalDocument/code/@code", "kind", text)
    body = sections(facts)
    if not any(one["acts"] or one["text"] for one in body):
        place = "/ClinicalDocument/component/structuredBody"
        raise refused(place, "empty-document", "没有可写入文档的内容")
    root = fill(form_of(facts.kind), {**header(facts), "sections": body})
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
