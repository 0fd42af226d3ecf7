"""The mapping of a source's tables: tried on the first rows of a file, then put into force."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from minkang.exchange.mappings.tables import MappingError, load_mapping
from minkang.exchange.stored_mappings import store_mapping
from minkang.exchange.table_preview import JUDGED, PreviewRow, preview
from minkang.terminology import source_maps
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.resource_line import in_words
from minkang.web.sources_one import source_of
from minkang.web.wizard_trial import encode_nicely, trial_response

_LARGEST = 8 * 1024 * 1024


@post("/centre/sources/{source:str}/setup/test/mapping", request_max_body_size=_LARGEST)
async def trial_mapping(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Try a mapping on a file, or save it; a wrong one is never saved."""
    form = await request.form()
    saving = form.get("action") == "save"
    named = f"{source}/{'save-mapping' if saving else 'try-mapping'}"
    await visitor.ask("manage-sources", object_type="source", object_id=named)
    found = await source_of(visitor, source)
    # A form turns every line end into two characters.
    text = str(form.get("mapping", "")).replace("\r\n", "\n").replace("\0", "")
    shown: dict[str, Any] = {"text": text}
    if saving:
        name = found.table_mapping if found.mapping_text is not None else source
        by = visitor.account.name if visitor.account else ""
        try:
            load_mapping(Path(f"{name}.yaml"), text)
            async with web.store.pool.acquire() as connection:
                await store_mapping(connection, source, name or source, text, by)
        except MappingError as error:
            return await trial_response(visitor, found, table={**shown, "error": str(error)})
        after = await source_of(visitor, source)
        return await trial_response(visitor, after, table={**shown, "saved": True})
    file = form.get("file")
    raw = await file.read() if isinstance(file, UploadFile) else b""
    if not raw.strip():
        missing = visitor.say("请选择一个文件，第一行是列名")
        return await trial_response(visitor, found, table={**shown, "error": missing})
    async with web.store.pool.acquire() as connection:
        known = (await source_maps(web.store, connection, {source}))[source]
    tried = preview(found, known, web.keys.id_key, text, raw, visitor.now)
    shown |= {
        "error": tried.error,
        "judged": tried.judged,
        "cut": tried.judged == JUDGED,
        "bad": tried.bad,
        "rows": [_shown(row) for row in tried.rows],
    }
    return await trial_response(visitor, found, table=shown)


def _shown(row: PreviewRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "problems": row.tried.problems,
        "resources": [
            {
                "type": one["resourceType"],
                "words": in_words(one),
                "json": encode_nicely(one),
            }
            for one in row.tried.resources
        ],
    }
