"""Carry out writes, one or a transaction's, all or nothing (R4, 3.1.0.4 to 3.1.0.9, 3.1.0.11.2).

The order of things inside the database's transaction: lock the criteria, find what they mean, lock
the resources, write, resolve conditional references (which may mean what was just written), write
those that have such references.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from minkang.api.access import may_change, source_of
from minkang.api.address import pairs_of
from minkang.api.call import Call
from minkang.api.criteria import Criteria, criteria_of, matches_of
from minkang.api.links import place_of, relink, root_of
from minkang.api.negotiation import version_of
from minkang.api.outcomes import Refusal
from minkang.api.patching import patched
from minkang.api.smart import check_written
from minkang.api.steps import Done, Key, Step
from minkang.fhir import Resource, encode
from minkang.fhir.validate import check
from minkang.store import (
    Change,
    Connection,
    Locked,
    Outcome,
    Scope,
    Stored,
    lock_criteria,
    lock_current,
    write,
)
from minkang.store.early_commit import early_commit
from minkang.store.group_commit import Also


class _Aim(msgspec.Struct):
    """A step with what it turned out to mean.

    Attributes:
        key: the resource it is about; None of a conditional delete that found nothing.
        keep: what is there already is all that was wanted (If-None-Exist).
        free: a conditional update found nothing; the id of its resource must be free.
        change: what is to be written; None if nothing is.
        rewritten: the resource is no longer what came as JSON.
        waits: its conditional references, which may mean what the others write.
    """

    step: Step
    key: Key | None
    keep: Stored | None = None
    free: bool = False
    change: Change | None = None
    status: int = 200
    rewritten: bool = False
    waits: list[dict[str, Any]] = []


async def commit(call: Call, scope: Scope, steps: Sequence[Step], *, bundle: bool) -> list[Done]:
    """Carry out all steps in one transaction; what became of them in the same order.

    `scope` is what the caller may see, in which criteria are looked for. In a `bundle` the
    resources' references to other entries and conditional references are resolved.

    Raises:
        Refusal: one of the steps can't be done, placed at its entry; nothing was written.
    """
    if len(steps) == 1 and steps[0].criteria is None and not bundle:
        return [await _alone(call, steps[0])]
    store = call.door.store
    linking = _linking(call, steps)
    async with (
        store.pool.acquire() as connection,
        connection.transaction() if linking is None else early_commit(connection),
    ):
        aims = await _aims(call, connection, scope, steps)
        _refuse_overlaps(aims)
        keys = list(dict.fromkeys(aim.key for aim in aims if aim.key is not None))
        locked = await lock_current(store, connection, keys)
        for aim in aims:
            _settle(call, aim, locked.current)
        if bundle:
            _link(aims)
        else:
            _refuse_conditional_references(aims)
        first = [aim for aim in aims if aim.change is not None and not aim.waits]
        waiting = [aim for aim in aims if aim.waits]
        versions = await _write(call, connection, first, locked)
        if waiting:
            await _resolve(call, connection, scope, waiting)
            rest = msgspec.structs.replace(locked, sequences=locked.sequences[len(first) :])
            versions |= await _write(call, connection, waiting, rest)
        if linking is not None:
            changes = [one.change for one in aims if one.change is not None and one.key in versions]
            outcomes = [versions[change.key] for change in changes]
            await linking(connection, changes, outcomes, locked)
    return [_done(aim, locked, versions) for aim in aims]


async def _alone(call: Call, step: Step) -> Done:
    """Carry out a step that depends on nothing but its own resource, in a shared commit."""
    aim = _plain_aim(step)
    assert aim.key is not None  # noqa: S101 - a step without criteria names its resource
    key = aim.key
    registrations = call.door.registrations if step.type == "Patient" else None
    group = registrations or call.door.group
    if step.method == "POST":
        # Its id was made just now: there is nothing under it to wait for.
        change = _judged(call, aim, None)
        assert change is not None  # noqa: S101 - a creation always writes
        written = await group.create(change)
    else:
        written = await group.write(key, lambda current: _judged(call, aim, current))
    made = {key: written.outcome} if written.outcome is not None else {}
    if written.outcome is not None:
        _settle_status(aim, written.outcome)
    return _done(aim, written.locked, made)


def _linking(call: Call, steps: Sequence[Step]) -> Also | None:
    """What links the Patients that a transaction writes; None where it writes none.

    One that writes a Person as well leaves it to the change feed: whoever matches now may wait for
    that Person, and would be waited for.
    """
    types = {step.type for step in steps}
    registrations = call.door.registrations
    if registrations is None or "Patient" not in types or "Person" in types:
        return None
    return registrations.also


def _judged(call: Call, aim: _Aim, current: Stored | None) -> Change | None:
    """What a step by itself writes over what is there.

    Raises:
        Refusal.
    """
    there = {aim.key: current} if current is not None and aim.key is not None else {}
    _settle(call, aim, there)
    _refuse_conditional_references([aim])
    if aim.change is not None and not aim.change.deleted:
        _validate(aim, aim.change.resource)
    return aim.change


async def _aims(
    call: Call, connection: Connection, scope: Scope, steps: Sequence[Step]
) -> list[_Aim]:
    """Which resource each step means; criteria are locked, then looked for."""
    criteria = {
        number: criteria_of(call, step.type, step.criteria, step.place)
        for number, step in enumerate(steps)
        if step.criteria is not None
    }
    _refuse_twice(steps, criteria)
    if criteria:
        await lock_criteria(connection, [one.text for one in criteria.values()])
    found = await matches_of(call, connection, scope, criteria.values())
    return [
        _aim(step, found[criteria[number].text]) if number in criteria else _plain_aim(step)
        for number, step in enumerate(steps)
    ]


def _refuse_twice(steps: Sequence[Step], criteria: Mapping[int, Criteria]) -> None:
    """Two entries with the same criteria would mean the same resource."""
    seen: set[str] = set()
    for number, one in criteria.items():
        if one.text in seen:
            raise Refusal(
                400,
                "duplicate",
                "两个条目的条件相同 / two entries with one criterion",
                steps[number].place,
            )
        seen.add(one.text)


def _plain_aim(step: Step) -> _Aim:
    resource_id = str(uuid4()) if step.method == "POST" else step.id
    assert resource_id is not None  # noqa: S101 - whoever makes steps sees to it
    return _Aim(step, (step.type, resource_id))


def _aim(step: Step, matches: Sequence[Stored]) -> _Aim:
    """What a conditional step means: nothing, one resource, or too many (R4, 3.1.0.4.3 etc.)."""
    if len(matches) > 1:
        raise Refusal(
            412, "multiple-matches", "条件符合多个资源 / several resources match", step.place
        )
    match = matches[0] if matches else None
    if step.method == "POST":
        if match is not None:
            return _Aim(step, (step.type, match.id), keep=match)
        return _Aim(step, (step.type, str(uuid4())))
    if match is not None:
        given = (step.resource or {}).get("id")
        if given is not None and given != match.id:
            raise Refusal(
                400, "value", "id 与符合条件的资源不同 / id is not that of the match", step.place
            )
        return _Aim(step, (step.type, match.id))
    if step.method == "PUT":
        given = (step.resource or {}).get("id")
        free = (step.type, given if isinstance(given, str) else str(uuid4()))
        return _Aim(step, free, free=True)
    if step.method == "PATCH":
        raise Refusal(404, "not-found", "没有符合条件的资源 / nothing matches", step.place)
    return _Aim(step, None)


def _refuse_overlaps(aims: Sequence[_Aim]) -> None:
    """A resource may stand in one entry only, be it meant by id or by criteria."""
    written: set[Key] = set()
    for aim in aims:
        if aim.key is None or aim.keep is not None:
            continue
        if aim.key in written:
            raise _overlap(aim)
        written.add(aim.key)
    for aim in aims:
        if aim.keep is not None and aim.key in written:
            raise _overlap(aim)


def _overlap(aim: _Aim) -> Refusal:
    place = "/".join(aim.key or ())
    return Refusal(
        400, "duplicate", f"{place} 在多个条目中 / in more than one entry", aim.step.place
    )


def _settle(call: Call, aim: _Aim, there: Mapping[Key, Stored]) -> None:
    """Judge a step by what is there now, and say what is to be written."""
    step = aim.step
    if aim.key is None:
        aim.status = 204
        return
    current = there.get(aim.key)
    alive = current is not None and not current.deleted
    there_now = current.resource if current is not None and alive else None
    check_written(call, step.method, step.type, step.place, there_now, step.resource)
    if aim.keep is not None:
        if not alive:
            raise Refusal(409, "conflict", "资源刚被删除 / it was deleted just now", step.place)
        return
    _refuse_conditions(step, current if alive else None)
    if current is not None and not may_change(call, current):
        raise Refusal(
            403,
            "forbidden",
            "资源来自其他机构，不可修改 / it came from another organisation",
            step.place,
        )
    if step.method == "DELETE":
        aim.status = 204
        if current is not None and alive:
            aim.change = Change(current.resource, current.source, deleted=True)
        return
    if step.method == "PATCH":
        if current is None:
            raise Refusal(404, "not-found", "没有此资源 / not found", step.place)
        if not alive:
            raise Refusal(410, "deleted", "资源已删除 / deleted", step.place)
        aim.change = Change(patched(current.resource, step.patch, step.place), current.source)
        check_written(call, step.method, step.type, step.place, aim.change.resource)
        aim.rewritten = True
        return
    if aim.free and alive:
        raise Refusal(409, "conflict", "此 id 已有资源 / the id is taken", step.place)
    resource = {**(step.resource or {}), "id": aim.key[1]}
    aim.change = Change(resource, source_of(call))
    aim.status = 200 if alive else 201


def _refuse_conditions(step: Step, alive: Stored | None) -> None:
    if step.if_match is not None:
        wanted = version_of(step.if_match)
        if alive is None or alive.version != wanted:
            now = alive.version if alive else "无"
            raise Refusal(412, "conflict", f"当前版本是 {now} / version does not match", step.place)
    if step.if_none_match and alive is not None:
        raise Refusal(412, "conflict", "资源已存在 / it exists already", step.place)


def _link(aims: Sequence[_Aim]) -> None:
    """Resolve references between entries, and note which are conditional.

    Raises:
        Refusal: 400: a reference to an entry that is not there.
    """
    places = {
        aim.step.full_url: "/".join(aim.key)
        for aim in aims
        if aim.key is not None and aim.step.full_url and aim.step.method != "DELETE"
    }
    for aim in aims:
        if aim.change is None or aim.change.deleted:
            continue
        links = relink(aim.change.resource, places, root_of(aim.step.full_url))
        if links.lost is not None:
            raise Refusal(
                400,
                "not-found",
                f"引用的条目不在 Bundle 中：{links.lost[:100]} / no such entry",
                aim.step.place,
            )
        aim.rewritten = aim.rewritten or links.changed
        aim.waits = links.conditional


def _refuse_conditional_references(aims: Sequence[_Aim]) -> None:
    """Only a transaction resolves them (R4, 3.1.0.11.2); kept, they would point nowhere."""
    for aim in aims:
        if b"?" not in aim.step.body or aim.change is None:
            continue
        for holder in relink(aim.change.resource, {}, None).conditional:
            raise Refusal(
                422,
                "value",
                f"只有事务中可用条件引用：{holder['reference'][:100]} / only in a transaction",
                f"{place_of(aim.change.resource, holder)}.reference",
            )


async def _resolve(call: Call, connection: Connection, scope: Scope, aims: Sequence[_Aim]) -> None:
    """Put ids in the place of conditional references.

    Raises:
        Refusal: 412: nothing or several resources match; 400: no valid search.
    """
    wanted: dict[str, Criteria] = {}
    for aim in aims:
        for holder in aim.waits:
            text = holder["reference"]
            if text not in wanted:
                kind, _, query = text.partition("?")
                pairs = pairs_of(query.encode())
                wanted[text] = criteria_of(call, kind, pairs, aim.step.place)
    found = await matches_of(call, connection, scope, wanted.values())
    for aim in aims:
        for holder in aim.waits:
            matches = found[wanted[holder["reference"]].text]
            holder["reference"] = _only(matches, holder["reference"], aim.step.place)
        aim.rewritten = True


def _only(matches: Sequence[Stored], text: str, place: str) -> str:
    if len(matches) == 1:
        return f"{matches[0].type}/{matches[0].id}"
    raise Refusal(
        412,
        "multiple-matches" if matches else "not-found",
        f"条件引用 {text[:200]} 符合{'多个' if matches else '零个'}资源"
        f" / {'several' if matches else 'no'} matches",
        place,
    )


async def _write(
    call: Call, connection: Connection, aims: Sequence[_Aim], locked: Locked
) -> dict[Key, Outcome]:
    """Validate and write; what came of it."""
    changes = []
    for aim in aims:
        assert aim.change is not None  # noqa: S101 - only those are given
        if not aim.change.deleted:
            _validate(aim, aim.change.resource)
        changes.append(aim.change)
    outcomes = await write(call.door.store, connection, changes, locked)
    for aim, made in zip(aims, outcomes, strict=True):
        _settle_status(aim, made)
    return {(made.type, made.id): made for made in outcomes}


def _settle_status(aim: _Aim, made: Outcome) -> None:
    if made.kind == "unchanged" and aim.status == 201:
        aim.status = 200


def _validate(aim: _Aim, resource: Resource) -> None:
    body = encode(resource) if aim.rewritten else aim.step.body
    problems = check(resource, body)
    if problems:
        below = f"{aim.step.place}.resource" if aim.step.place else ""
        raise Refusal.of_problems(
            422, problems, below=below, instead=aim.step.type if below else ""
        )


def _done(aim: _Aim, locked: Locked, made: Mapping[Key, Outcome]) -> Done:
    if aim.key is None:
        return Done(aim.status, aim.step.type, "", 0, locked.at)
    current = locked.current.get(aim.key)
    outcome = made.get(aim.key)
    if outcome is None or outcome.kind == "unchanged":
        if current is None:
            return Done(aim.status, *aim.key, 0, locked.at)
        return Done(aim.status, *aim.key, current.version, current.updated)
    return Done(aim.status, *aim.key, outcome.version, locked.at, outcome.body)
