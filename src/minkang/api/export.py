"""Bulk export over HTTP: kick-off, status, files, deletion (Bulk Data Access 2.0)."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from minkang.accounts import Account
from minkang.accounts.oauth_scopes import within
from minkang.api.access import ask, missing, source_of
from minkang.api.body import json_of
from minkang.api.call import Answer, Call
from minkang.api.export_file import export_file_of
from minkang.api.export_jobs import File, Job, files_of, forget_job, job_of, keep_job, new_id
from minkang.api.export_run import job_folder
from minkang.api.negotiation import FHIR_JSON, check_content_type, http_date
from minkang.api.outcomes import Refusal
from minkang.fhir import TYPE_CODES, date_range, encode, local_reference
from minkang.fhir.definitions import definitions
from minkang.store import read

NDJSON = "application/fhir+ndjson"

_FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
_MOST = 5
_RETRY = ((b"retry-after", b"5"),)


async def export_all(call: Call) -> Answer:
    """`GET /$export`: everything that the caller may see."""
    await ask(call, "export-api", "Export", "system")
    return await _kick_off(call, "system", tuple(TYPE_CODES), None)


async def export_patients(call: Call) -> Answer:
    """`GET /Patient/$export`: what is about any Patient."""
    await ask(call, "export-api", "Export", "patient")
    return await _kick_off(call, "patient", _compartment(), None)


async def export_group(call: Call) -> Answer:
    """`GET /Group/id/$export`: what is about the members of a Group."""
    group = call.segments[1]
    decision = await ask(call, "export-api", "Export", f"Group/{group}")
    stored = await read(call.door.store, decision.scope, "Group", group)
    if stored is None:
        raise missing(call, "Group", group)
    entities = [one.get("entity") for one in stored.resource.get("member", [])]
    targets = [local_reference(one) for one in entities]
    members = tuple(dict.fromkeys(one[1] for one in targets if one and one[0] == "Patient"))
    return await _kick_off(call, "group", _compartment(), members)


async def export_no_group(call: Call) -> Answer:
    """`GET /Group/$export`: there is no export of all groups."""
    await ask(call, "export-api", "Export", "Group")
    raise Refusal(400, "required", "须指明 Group 的 id / Group/[id]/$export needs an id")


async def export_status(call: Call) -> Answer:
    """`GET /$export-status/job`: how far it is, or the manifest."""
    job = await _job(call)
    if job.state == "failed":
        raise Refusal(500, "exception", "导出失败，请重新发起 / the export failed, ask again")
    if job.state != "done":
        progress = (job.progress or job.state).encode("ascii", "replace")[:100]
        return Answer(202, b"", [(b"x-progress", progress), *_RETRY])
    files = await files_of(call.door.store.pool, job)
    begun = job.started or job.asked
    manifest = {
        "transactionTime": (job.complete or begun)
        .astimezone(UTC)
        .isoformat(timespec="milliseconds"),
        "request": job.request,
        "requiresAccessToken": not call.door.open,
        "output": [_listed(call, job, one) for one in files if not one.deleted],
        "deleted": [_listed(call, job, one) for one in files if one.deleted],
        "error": [],
    }
    expires = (job.ended or begun) + timedelta(hours=call.door.limits.export_hours)
    headers = [(b"expires", http_date(expires).encode())]
    return Answer(200, encode(manifest), headers, media="application/json")


def _listed(call: Call, job: Job, file: File) -> dict[str, Any]:
    """A file in the manifest."""
    url = f"{call.base}/$export-file/{job.id}/{file.name}"
    return {"type": file.type, "url": url, "count": file.count}


async def export_delete(call: Call) -> Answer:
    """`DELETE /$export-status/job`: stop it, or take its files away."""
    job = await _job(call)
    await forget_job(call.door.store.pool, job)
    shutil.rmtree(job_folder(_folder(call), job.id), ignore_errors=True)
    return Answer(202)


async def export_file(call: Call) -> Answer:
    """`GET /$export-file/job/name`: one file, line by line a resource."""
    job = await _job(call)
    name = call.segments[2]
    files = await files_of(call.door.store.pool, job)
    if all(one.name != name for one in files):
        raise Refusal(404, "not-found", "没有此文件 / no such file")
    path = job_folder(_folder(call), job.id) / name
    if not path.is_file():
        raise Refusal(410, "deleted", "文件已清除 / the file was taken away")
    return Answer(200, media=NDJSON, file=await export_file_of(call.door.store, path))


async def _job(call: Call) -> Job:
    """The job of an address; another organisation's does not exist.

    Raises:
        Refusal: 401, 403, 404.
    """
    job_id = call.segments[1]
    await ask(call, "export-api", "Export", "/".join(call.segments[1:]))
    organisation = None if call.door.open else source_of(call)
    job = await job_of(call.door.store.pool, job_id, organisation)
    if job is None or not _may_have(call.account, job):
        raise Refusal(404, "not-found", "没有此导出 / no such export")
    return job


def _may_have(account: Account | None, job: Job) -> bool:
    """Whether an app was granted all that an export was made with; others have theirs anyway."""
    if account is None or account.scopes is None:
        return True
    same = job.client == account.client and job.scopes is not None
    return same and within(job.scopes or (), account.scopes)


async def _kick_off(
    call: Call, level: str, types: tuple[str, ...], members: tuple[str, ...] | None
) -> Answer:
    _folder(call)
    if not call.prefer.asynchronous:
        raise Refusal(
            400,
            "required",
            "导出须带 Prefer: respond-async / is only done asynchronously",
            "Prefer",
        )
    asked = _asked(call)
    job = Job(
        id=new_id(),
        account=call.account.id if call.account else None,
        organisation=None if call.door.open else source_of(call),
        level=level,
        members=members,
        types=_types(asked.get("_type", []), types),
        since=_since(asked.get("_since", [])),
        request=_request(call),
        asked=call.now,
        client=call.account.client if call.account else None,
        scopes=call.account.scopes if call.account else None,
    )
    if not await keep_job(call.door.store.pool, job, _MOST):
        raise Refusal(
            429,
            "throttled",
            f"已有 {_MOST} 个导出未完成 / too many unfinished exports",
            headers=_RETRY,
        )
    place = f"{call.base}/$export-status/{job.id}".encode()
    return Answer(202, b"", [(b"content-location", place)])


def _folder(call: Call) -> Path:
    if call.door.exports is None:
        raise Refusal(404, "not-supported", "本平台未开启批量导出 / bulk export is off")
    return call.door.exports


def _compartment() -> tuple[str, ...]:
    others = [one for one in definitions().patient_compartment if one != "Patient"]
    return ("Patient", *others)


def _request(call: Call) -> str:
    query = "&".join(f"{name}={value}" for name, value in call.query)
    address = "/".join([call.base, *call.segments])
    return f"{address}?{query}" if query else address


def _asked(call: Call) -> Mapping[str, Sequence[str]]:
    """The parameters of a kick-off, from the query or from a Parameters.

    Raises:
        Refusal: 400: a parameter that we don't have (unless handling is lenient) or can't do.
    """
    asked: dict[str, list[str]] = {}
    given = call.query if call.method != "POST" else [*call.query, *_posted(call)]
    for name, value in given:
        if name in ("_format", "_pretty"):
            continue
        if name not in ("_type", "_since", "_outputFormat"):
            if call.prefer.lenient:
                continue
            raise Refusal(
                400, "not-supported", f"导出没有参数 {name[:60]!r} / unknown parameter", name[:60]
            )
        asked.setdefault(name, []).append(value)
    for value in asked.get("_outputFormat", []):
        if value.replace(" ", "+") not in _FORMATS:
            raise Refusal(
                400, "not-supported", f"只导出 {NDJSON} / unknown output format", "_outputFormat"
            )
    return asked


def _posted(call: Call) -> list[tuple[str, str]]:
    if not call.body:
        return []
    check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
    found = json_of(call.body, call.door.limits)
    listed: Any = found.get("parameter", []) if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Refusal(400, "structure", "请求体应为 Parameters / the body is no Parameters")
    pairs = []
    for one in listed:
        values = [value for name, value in one.items() if name.startswith("value")]
        if len(values) != 1 or not isinstance(values[0], str):
            raise Refusal(400, "structure", "参数应有一个值 / a parameter needs one value")
        pairs.append((str(one.get("name")), values[0]))
    return pairs


def _types(asked: Sequence[str], all_types: tuple[str, ...]) -> tuple[str, ...]:
    named = [one for value in asked for one in value.split(",")]
    if unknown := [one for one in named if one not in TYPE_CODES]:
        raise Refusal(400, "value", f"没有资源类型 {unknown[0][:40]!r} / unknown type", "_type")
    return tuple(one for one in all_types if not named or one in named)


def _since(asked: Sequence[str]) -> datetime | None:
    if not asked:
        return None
    try:
        return date_range(asked[-1].replace(" ", "+")).low
    except ValueError:
        raise Refusal(
            400, "value", f"_since 不是时间：{asked[-1][:40]!r} / no instant", "_since"
        ) from None
