"""Shared documents out: what is stored as a WS/T 500-2016 document, valid against its schema.

Two uses: a document that came in as one is written again without its original
(`facts_of_document`), and a document is made of a visit whose facts came by other channels
(`facts_of_visit`). Both give `Facts`; `write_document` makes the XML of them and reads nothing
more. What a kind demands and nobody knows is refused with its place, never invented.

How it goes together:

- Coming in, `mappings.cda.composition` keeps the document's header and its layout as a Composition:
  sections, labels and order, each data element pointing to the resource that says its value. Which
  resource that is it learns from `mappings.cda.said`, the inverse of the mappings: a resource as
  data elements. A value that no resource says stays in the Composition, so nothing gets lost.
- Going out, `body` and `header` make from Composition and resources what a form asks for, reading
  every value where it is said now; `form` is the form of a kind (`forms/C0007.xml`), `fill` fills
  it in, `formats` and `values` know how the schemas want things to be written.
- For visits `visits` makes the Composition: `visit_body` says per kind which facts stand in which
  section; of operations, deliveries and stays `visit_wards` says it by the tables in `ward_tables`.

A kind more: its form in `forms/`, and in `said` the data elements of resource types that are new.
Does not live here: reading documents (`mappings.cda`), who may have them (policy), sending them.
"""

from minkang.exchange.documents.check import check_document
from minkang.exchange.documents.facts import Facts
from minkang.exchange.documents.form import KINDS
from minkang.exchange.documents.gather import facts_of_document
from minkang.exchange.documents.visits import facts_of_visit
from minkang.exchange.documents.write import write_document

__all__ = [
    "KINDS",
    "Facts",
    "check_document",
    "facts_of_document",
    "facts_of_visit",
    "write_document",
]
