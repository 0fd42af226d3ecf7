"""The documents tab of a record: the list, and one of them to read, section by section."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from minkang.record import documents
from minkang.record.documents import Document, documents_of
from minkang.record.life import Life
from minkang.web.document_sheet import sheet_to_read
from minkang.web.facts import Facts

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = documents.TYPES
_MOST: Final = 200


def documents_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_documents.html shows; the query has kind, institution, document."""
    every = documents_of(life)
    kind, institution = asked.query.get("kind", ""), asked.query.get("institution", "")
    wanted = [
        one
        for one in every
        if (not kind or one.kind == kind)
        and (not institution or one.origin.organisation_name == institution)
    ]
    opened = next((one for one in every if one.key == asked.query.get("document", "")), None)
    return {
        "documents": [_row(one, asked, facts) for one in wanted[:_MOST]],
        "count": len(wanted),
        "kinds": sorted({one.kind for one in every if one.kind}),
        "institutions": sorted({one.origin.organisation_name for one in every}),
        "kind": kind,
        "institution": institution,
        "opened": None if opened is None else _opened(opened, asked, life, facts),
    }


def _row(one: Document, asked: "Asked", facts: Facts) -> dict[str, Any]:
    query = urlencode({"tab": "documents", "document": one.key})
    return {
        "key": one.key,
        "title": one.title,
        "kind": one.kind,
        "said": one.said,
        "at": one.at,
        "authors": "、".join(one.authors[:2]),
        "href": f"/record/{asked.resident.person}?{query}",
        "source": facts.source(one.origin),
        "new": facts.new(one.origin),
    }


def _opened(one: Document, asked: "Asked", life: Life, facts: Facts) -> dict[str, Any]:
    return {**_row(one, asked, facts), "sheet": sheet_to_read(one.stored.resource, life)}
