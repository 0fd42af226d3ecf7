"""Shared documents (WS/T 500-2016, HL7 CDA R2) as text: reading them safely, telling their kind.

Lives here: bytes to a tree (`read_document`), with every limit and every encoding; which of the 53
kinds a document is (`kind_of`); what the message log calls it (`label_of`). Does not live here:
what a document means (`mappings.cda`), how it came (channels).

A place in a document is an XPath without namespaces and the line:
`/ClinicalDocument/recordTarget/patientRole/id[2]/@extension 第 20 行`.
"""

from minkang.exchange.cda.element import Element
from minkang.exchange.cda.kinds import TEMPLATES, kind_name, kind_of
from minkang.exchange.cda.label import label_of
from minkang.exchange.cda.read import LONGEST, charset_of, read_document

__all__ = [
    "LONGEST",
    "TEMPLATES",
    "Element",
    "charset_of",
    "kind_name",
    "kind_of",
    "label_of",
    "read_document",
]
