"""Searching one archive of the log: its file is read from one end to the other, on request."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from minkang.accounts import organisation_names
from minkang.audit.archive_file import ArchiveSpoilt, Manifest
from minkang.audit.archive_search import archived_entries, archives
from minkang.web.audit_search import filters_of, sought_of
from minkang.web.audit_words import shown_entry
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor

_MOST = 200


@get("/audit/archive/{number:int}")
async def archive_page(
    visitor: VisitorParameter, number: FromPath[int], request: Request[Any, Any, Any]
) -> Response[Any]:
    """What an archive holds; with a filter, the entries in it that fit."""
    filters = filters_of(request.query_params)
    await visitor.ask("read-audit", object_type="AuditArchive", object_id=str(number))
    pool = visitor.web.store.pool
    manifest = next((one for one in await archives(pool) if one.number == number), None)
    if manifest is None:
        raise NotFoundException
    found, error = await _found(visitor, manifest, filters) if filters.given else ([], "")
    return visitor.page(
        "audit/archive.html",
        number=number,
        entries_held=manifest.entries,
        since=manifest.since[:10],
        until=manifest.until[:10],
        filters=filters,
        filtered=bool(filters.given),
        error=error,
        entries=found,
        most=_MOST,
    )


async def _found(
    visitor: Visitor, manifest: Manifest, filters: Any
) -> tuple[list[dict[str, Any]], str]:
    sought, unclear = await sought_of(visitor, filters)
    if sought is None:
        return [], unclear
    if not filters.since:
        sought = msgspec.structs.replace(sought, since=None)
    folder = visitor.web.settings.home / "audit"
    try:
        found = await asyncio.to_thread(archived_entries, folder, manifest, sought, _MOST)
    except (OSError, ArchiveSpoilt):
        return [], "spoilt"
    names = await organisation_names(visitor.web.store.pool)
    return [shown_entry(one, names, visitor.say) for one in found], ""
