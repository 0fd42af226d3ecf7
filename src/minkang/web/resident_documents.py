"""A resident's documents: the list by day, and one of them to read, section by section."""

from typing import Any, Final

from minkang.record import documents
from minkang.record.documents import Document, documents_of
from minkang.web.document_sheet import sheet_to_read
from minkang.web.resident_asked import OwnAsked

TYPES: Final = documents.TYPES
_SHOWN: Final = 100


def documents_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/documents.html shows: the documents, newest first, and the opened one."""
    every = documents_of(asked.life)
    opened = next((one for one in every if one.key == asked.query.get("document", "")), None)
    return {
        "documents": [_row(one) for one in every[:_SHOWN]],
        "opened": None if opened is None else _opened(opened, asked),
    }


def _row(one: Document) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.title,
        "said": one.said,
        "at": one.at,
        "institution": one.origin.organisation_name,
    }


def _opened(one: Document, asked: OwnAsked) -> dict[str, Any]:
    return {
        **_row(one),
        "authors": one.authors[:2],
        "sheet": sheet_to_read(one.stored.resource, asked.life),
    }
