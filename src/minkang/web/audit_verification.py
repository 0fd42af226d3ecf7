"""Is the log as it was written? The last verifications, one now, checkpoints and archives."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from minkang.audit.archive_search import archives
from minkang.audit.checkpoint import latest_checkpoints
from minkang.audit.runs import NIGHTLY, Run, ask_for_run, latest_runs
from minkang.web.audit_words import shown_fault
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor

_CHECKPOINTS = 10
_RECENT = timedelta(days=7)
_FAULTS = 50


@get("/audit/verification")
async def verification_page(visitor: VisitorParameter) -> Response[Any]:
    """The last results, the checkpoints with their signatures, the archives."""
    await visitor.ask("verify-audit", object_type="AuditLog")
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        checkpoints = await latest_checkpoints(connection, _CHECKPOINTS)
        held = await archives(connection)
    return visitor.page(
        "audit/verification.html",
        checkpoints=checkpoints,
        archives=[
            {
                "number": one.number,
                "since": datetime.fromisoformat(one.since),
                "until": datetime.fromisoformat(one.until),
                "entries": one.entries,
                "bytes": one.bytes,
            }
            for one in reversed(held)
        ],
        months=web.settings.audit_months,
        public_key=web.keys.signer.public.name if web.keys.signer else "",
        **await _runs(visitor),
    )


@get("/audit/verification/live")
async def verification_live(visitor: VisitorParameter) -> Response[Any]:
    """The part that asks for itself while a verification is under way."""
    await visitor.ask("verify-audit", object_type="AuditLog", background=True)
    return visitor.page("audit/_runs.html", **await _runs(visitor))


@post("/audit/verification")
async def verification_run(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Ask for a verification; the worker makes it, whoever looks on."""
    whole = data.get("what", "") != "recent"
    await visitor.ask("verify-audit", object_type="AuditLog", object_id="run")
    since = None if whole else visitor.now - _RECENT
    name = visitor.account.name if visitor.account else ""
    async with visitor.web.store.pool.acquire() as connection:
        await ask_for_run(connection, name, since)
    return Redirect("/audit/verification", status_code=303)


async def _runs(visitor: Visitor) -> dict[str, Any]:
    runs = await latest_runs(visitor.web.store.pool)
    return {
        "runs": [_shown(one, visitor) for one in runs],
        "busy": any(one.ended is None for one in runs),
    }


def _shown(run: Run, visitor: Visitor) -> dict[str, Any]:
    found = run.found
    seconds = (run.ended - run.begun).total_seconds() if run.ended and run.begun else None
    return {
        "asked": run.asked,
        "by": "" if run.asked_by == NIGHTLY else run.asked_by,
        "since": run.since,
        "state": "waiting"
        if run.begun is None
        else "running"
        if run.ended is None
        else "failed"
        if found is None
        else "intact"
        if found.intact
        else "broken",
        "passed": run.passed,
        "of": max(run.entries, run.passed),
        "seconds": seconds,
        "rate": int(run.passed / seconds) if seconds else None,
        "found": found,
        "cuts": found.cuts if found else (),
        "faults": [shown_fault(one, visitor.say) for one in found.faults[:_FAULTS]]
        if found
        else [],
        "further": max(0, len(found.faults) - _FAULTS) + found.further if found else 0,
        "failed": run.failed,
    }
