"""The policy for the security administrator: the table in force, its versions, and changing it."""

from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.fhir import Problem, Refused
from minkang.policy import Action
from minkang.policy.cells import Changed, changes
from minkang.policy.decide import in_force
from minkang.policy.table import flagged, parse_table
from minkang.policy.versions import (
    Version,
    VersionRefused,
    decide_on,
    number_in_force,
    propose,
    roll_back,
    text_of,
    version,
    versions,
)
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.policy_words import EFFECTS, KINDS, REFUSED, STATES, condition_words
from minkang.web.visitor import Visitor

PAGE = "/security/policy"
_CONTEXT_LINES = 2
_MOST_CELLS = 200


@get(PAGE)
async def policy_page(visitor: VisitorParameter, done: FromQuery[str] = "") -> Response[Any]:
    """The rows in force, what deserves a second look in them, and all versions."""
    await visitor.ask("see-policy", object_type="Policy")
    table = in_force()
    known = await versions(visitor.web.store.pool)
    return visitor.page(
        "policy/table.html",
        number=table.version,
        rows=[_row(visitor, one) for one in table.rows],
        flagged=flagged(table),
        versions=[_version(visitor, one) for one in known],
        waiting=[_version(visitor, one) for one in known if one.state == "proposed"],
        done=done,
    )


@get(f"{PAGE}/edit")
async def edit_page(visitor: VisitorParameter, start: FromQuery[int] = 0) -> Response[Any]:
    """The text of a version, to be changed and proposed."""
    await visitor.ask("propose-policy", object_type="Policy")
    pool = visitor.web.store.pool
    try:
        text = await text_of(pool, start or await number_in_force(pool) or 0)
    except VersionRefused as error:
        raise NotFoundException from error
    return visitor.page("policy/edit.html", text=text, why="", problems=(), error="", effect=None)


@post(f"{PAGE}/edit")
async def edit(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Check what was typed and show what it would change; or propose it."""
    await visitor.ask("propose-policy", object_type="Policy")
    text = data.get("text", "").replace("\r\n", "\n")
    why, problems, error = data.get("why", ""), tuple[Problem, ...](), ""
    effect = None
    try:
        table = parse_table(text)
        effect = _effect(visitor, changes(in_force(), table), flagged(table))
        if data.get("action") == "propose":
            number = await _proposed(visitor, text, why)
            return Redirect(f"{PAGE}/versions/{number}", status_code=303)
    except Refused as refused:
        problems = tuple(refused.problems)
    except VersionRefused as refused:
        error = visitor.say(REFUSED[refused.code])
    return visitor.page(
        "policy/edit.html",
        status=422 if problems or error else 200,
        text=text,
        why=why,
        problems=problems,
        error=error,
        effect=effect,
    )


@get(f"{PAGE}/versions/{{number:int}}")
async def version_page(visitor: VisitorParameter, number: FromPath[int]) -> Response[Any]:
    """One version: what it changes against the one in force, and what can be done with it."""
    await visitor.ask("see-policy", object_type="Policy", object_id=str(number))
    return await _version_page(visitor, number)


@post(f"{PAGE}/versions/{{number:int}}")
async def version_step(
    visitor: VisitorParameter, number: FromPath[int], data: Form
) -> Response[Any]:
    """Approve, reject, or propose to go back to it."""
    step = data.get("step", "")
    action: Action = "propose-policy" if step == "roll-back" else "approve-policy"
    await visitor.ask(action, object_type="Policy", object_id=str(number))
    await visitor.confirmed(f"{PAGE}/versions/{number}")
    account, web = signed_in(visitor), visitor.web
    words = data.get("words", "")
    try:
        if step == "roll-back":
            number = await roll_back(
                web.store.pool, web.gate.log, account, number, words,
                now=visitor.now, address=visitor.address,
            )  # fmt: skip
        elif step in ("approve", "reject"):
            await decide_on(
                web.store.pool, web.gate.log, account, number, approve=step == "approve",
                words=words, now=visitor.now, address=visitor.address,
            )  # fmt: skip
        else:
            raise NotFoundException
    except VersionRefused as refused:
        if refused.code == "unknown":
            raise NotFoundException from refused
        return await _version_page(visitor, number, visitor.say(REFUSED[refused.code]))
    except Refused:
        error = visitor.say("本系统的这一版本读不懂这份策略表。")
        return await _version_page(visitor, number, error)
    return Redirect(f"{PAGE}/versions/{number}", status_code=303)


async def _proposed(visitor: Visitor, text: str, why: str) -> int:
    web = visitor.web
    return await propose(
        web.store.pool, web.gate.log, signed_in(visitor), text, why,
        now=visitor.now, address=visitor.address,
    )  # fmt: skip


async def _version_page(visitor: Visitor, number: int, error: str = "") -> Response[Any]:
    pool = visitor.web.store.pool
    found = await version(pool, number)
    if found is None:
        raise NotFoundException
    text = await text_of(pool, number)
    before = await text_of(pool, await number_in_force(pool) or number)
    try:
        table = parse_table(text)
        effect = _effect(visitor, changes(in_force(), table), flagged(table))
    except Refused:
        effect = None
    account = signed_in(visitor)
    return visitor.page(
        "policy/version.html",
        status=422 if error else 200,
        version=_version(visitor, found),
        own=found.proposed_by == account.id,
        difference=_difference(before, text),
        effect=effect,
        error=error,
    )


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    """Lines of a unified diff with what they are: `same`, `added`, `taken`, `place`."""
    kinds = {"+": "added", "-": "taken", "@": "place"}
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return [(kinds.get(line[:1], "same"), line) for line in list(lines)[2:]]


def _effect(
    visitor: Visitor, changed: Sequence[Changed], looked: Sequence[Problem]
) -> dict[str, Any]:
    """What a table changes: how many cells of each role and action, and some of them."""
    say = visitor.say
    counted = Counter((one.cell.role, one.cell.action, one.before, one.after) for one in changed)
    return {
        "groups": [
            {"role": role, "action": action, "before": say(EFFECTS[before]),
             "after": say(EFFECTS[after]), "opens": after != "deny", "count": count}
            for (role, action, before, after), count in sorted(counted.items())
        ],
        "cells": [
            {**{name: getattr(one.cell, name) for name in one.cell.__struct_fields__},
             "before": say(EFFECTS[one.before]), "after": say(EFFECTS[one.after])}
            for one in changed[:_MOST_CELLS]
        ],
        "count": len(changed),
        "flagged": looked,
    }  # fmt: skip


def _row(visitor: Visitor, row: Any) -> dict[str, Any]:
    say = visitor.say
    return {
        "id": row.id,
        "zh": row.zh,
        "en": row.en,
        "roles": row.roles,
        "actions": row.actions,
        "effect": row.effect,
        "effect_words": say(EFFECTS[row.effect]),
        "relations": condition_words(row.relations, say),
        "needs": condition_words(row.needs, say),
        "unless": condition_words(row.unless, say),
        "grade": row.grade or "",
        "topics": row.topics if isinstance(row.topics, str) else "、".join(row.topics),
        "sources": row.sources,
        "law": row.law,
    }


def _version(visitor: Visitor, one: Version) -> dict[str, Any]:
    say = visitor.say
    return {
        "number": one.number,
        "kind": say(KINDS[one.kind]),
        "state": one.state,
        "state_words": say(STATES[one.state]),
        "why": one.why,
        "proposed": one.proposed,
        "proposed_name": one.proposed_name or say("本系统新版本"),
        "decided": one.decided,
        "decided_name": one.decided_name,
        "decision": one.decision,
        "base": one.base,
    }
