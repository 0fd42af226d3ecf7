"""What is done with a pair: taken, given back, decided, put off, confirmed, undone."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.identity.decisions import DecisionRefused, approve, decide, refuse, revoke
from minkang.identity.review_desk import PUT_OFF_DAYS, put_off, release, settle, take
from minkang.identity.review_list import beside
from minkang.policy import Decision as Allowed
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.review_data import written_down
from minkang.web.review_decisions import LEAST_REASON, between, in_force
from minkang.web.review_pair import HERE, State, Typed, pair_page, state_of
from minkang.web.review_words import pair_key
from minkang.web.visitor import Visitor


@post("/centre/identity/review/{pair:str}/take")
async def review_take(visitor: VisitorParameter, pair: FromPath[str]) -> Response[Any]:
    """Take a pair: others see who has it."""
    state = await state_of(visitor, await _asked(visitor, pair), pair)
    account = signed_in(visitor)
    pool = visitor.web.store.pool
    desk = await take(
        pool, state.facts.pair, account=account.id, name=account.name, now=visitor.now
    )
    if not desk.free_for(account.id):
        state = await state_of(visitor, await _asked(visitor, pair), pair)
        return await pair_page(visitor, state, status=409)
    return Redirect(f"{HERE}/{pair_key(state.facts.pair)}", status_code=303)


@post("/centre/identity/review/{pair:str}/release")
async def review_release(visitor: VisitorParameter, pair: FromPath[str]) -> Response[Any]:
    """Give a pair back."""
    state = await state_of(visitor, await _asked(visitor, pair), pair)
    await release(visitor.web.store.pool, state.facts.pair, account=signed_in(visitor).id)
    return Redirect(f"{HERE}/{pair_key(state.facts.pair)}", status_code=303)


@post("/centre/identity/review/{pair:str}/decide")
async def review_decide(
    visitor: VisitorParameter, pair: FromPath[str], data: Form
) -> Response[Any]:
    """One person, never one, or another day. Then the next pair."""
    state = await state_of(visitor, await _asked(visitor, pair), pair)
    days = next((n for n in PUT_OFF_DAYS if str(n) == data.get("days")), PUT_OFF_DAYS[1])
    typed = Typed(data.get("verdict", ""), data.get("reason", "").strip(), days)
    code = _unfit(visitor, state, typed, data.get("seen", ""))
    if not code:
        code = await _done(visitor, state, typed)
    if code:
        state = await state_of(visitor, await _asked(visitor, pair), pair)
        status = 409 if code in ("changed", "taken", "contradicts") else 400
        return await pair_page(visitor, state, error=code, typed=typed, status=status)
    return await _onward(visitor, state)


@post("/centre/identity/review/{pair:str}/answer")
async def review_answer(
    visitor: VisitorParameter, pair: FromPath[str], data: Form
) -> Response[Any]:
    """As the second person let what was proposed stand, or not."""
    state = await state_of(visitor, await _asked(visitor, pair), pair)
    number = _number_in(state, data.get("decision", ""))
    web, account, code = visitor.web, signed_in(visitor), ""
    about: dict[str, Any] = {
        "log": web.gate.log,
        "now": visitor.now,
        "address": visitor.address,
    }
    try:
        if data.get("answer") == "approve":
            await approve(web.store, web.keys, number, account, **about)
        elif data.get("answer") == "refuse":
            await refuse(web.store, number, account, **about)
        else:
            code = "verdict"
    except DecisionRefused as refused:
        code = refused.code
    return await _back(visitor, pair, code)


@post("/centre/identity/review/{pair:str}/revoke")
async def review_revoke(
    visitor: VisitorParameter, pair: FromPath[str], data: Form
) -> Response[Any]:
    """Undo a decision about the pair; of one that waits, take it back."""
    state = await state_of(visitor, await _asked(visitor, pair), pair)
    code = await undo(visitor, _number_in(state, data.get("decision", "")), data)
    return await _back(visitor, pair, code)


async def undo(visitor: Visitor, number: int, data: dict[str, str]) -> str:
    """Revoke a decision for the reason in a form; why not, or nothing."""
    reason = data.get("reason", "").strip()
    if len(reason) < LEAST_REASON:
        return "reason"
    web = visitor.web
    try:
        await revoke(
            web.store,
            web.keys,
            number,
            reason,
            signed_in(visitor),
            log=web.gate.log,
            now=visitor.now,
            address=visitor.address,
        )
    except DecisionRefused as refused:
        return refused.code
    return ""


async def _asked(visitor: Visitor, pair: str) -> Allowed:
    return await visitor.ask("decide-links", object_type="review", object_id=pair[:140])


def _unfit(visitor: Visitor, state: State, typed: Typed, seen: str) -> str:
    """Why what was typed can't be done, or nothing."""
    if typed.verdict not in ("same", "different", "later"):
        return "verdict"
    if len(typed.reason) < LEAST_REASON:
        return "reason"
    if not state.desk.free_for(signed_in(visitor).id):
        return "taken"
    return "changed" if seen != state.seen else ""


async def _done(visitor: Visitor, state: State, typed: Typed) -> str:
    """Decide, or put off; why not, or nothing."""
    web, account = visitor.web, signed_in(visitor)
    pair = state.facts.pair
    if typed.verdict == "later":
        await put_off(
            web.store.pool,
            pair,
            account=account.id,
            name=account.name,
            reason=typed.reason,
            days=typed.days,
            now=visitor.now,
        )
        await written_down(visitor, "put-off-link", pair, "review", pair_key(pair))
        return ""
    try:
        await decide(
            web.store,
            web.keys,
            *_meant(state, typed.verdict),
            "same" if typed.verdict == "same" else "different",
            typed.reason,
            account,
            log=web.gate.log,
            now=visitor.now,
            address=visitor.address,
        )
    except DecisionRefused as refused:
        return refused.code
    await settle(web.store.pool, pair)
    return ""


def _meant(state: State, verdict: str) -> tuple[str, str]:
    """Whom a verdict is about: `different` about all that is behind both sides."""
    facts = state.facts
    if verdict == "same" or facts.already:
        return facts.pair
    one, other = (facts.links[each].person if each in facts.links else each for each in facts.pair)
    return one, other


def _number_in(state: State, text: str) -> int:
    """The number of a decision about this pair; 0, which is none, for any other."""
    decision = in_force(between(state.decisions, state.facts.pair, state.facts.sides))
    return decision.id if decision is not None and str(decision.id) == text else 0


async def _back(visitor: Visitor, pair: str, code: str) -> Response[Any]:
    """To the pair as it is now."""
    if code:
        state = await state_of(visitor, await _asked(visitor, pair), pair)
        status = 409 if code in ("state", "contradicts") else 400
        return await pair_page(visitor, state, error=code, status=status)
    return Redirect(f"{HERE}/{pair}", status_code=303)


async def _onward(visitor: Visitor, state: State) -> Response[Any]:
    """To the next pair in the queue, saying what was done; after the last to the first."""
    account, done = signed_in(visitor), pair_key(state.facts.pair)
    async with visitor.web.store.pool.acquire() as connection:
        _, after = await beside(connection, state.line, now=visitor.now, account=account.id)
        if after is None:
            _, after = await beside(connection, None, now=visitor.now, account=account.id)
    if after is None:
        return Redirect(f"{HERE}/{done}", status_code=303)
    return Redirect(f"{HERE}/{pair_key(after.pair)}?done={done}", status_code=303)
