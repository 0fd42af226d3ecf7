"""The page of a pair: two registrations side by side, and what was decided about them."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from minkang.identity.decision_rows import Decision, decisions_about
from minkang.identity.grouping import Pair
from minkang.identity.review_desk import PUT_OFF_DAYS, UNTOUCHED, Desk, desk_of
from minkang.identity.review_list import Line, beside, line_of
from minkang.policy import Decision as Allowed
from minkang.web.consents import signed_in
from minkang.web.parameters import VisitorParameter
from minkang.web.review_data import written_down
from minkang.web.review_decisions import between, in_force, may, refused_words, shown_decision
from minkang.web.review_score import score_shown
from minkang.web.review_view import Facts, compared, evidence, facts_of, joined, sides_shown
from minkang.web.review_words import cause_words, pair_from, pair_key
from minkang.web.visitor import Visitor

HERE: Final = "/centre/identity/review"


class Typed(msgspec.Struct, frozen=True):
    """What was sent with a form that was not in order."""

    verdict: str = ""
    reason: str = ""
    days: int = PUT_OFF_DAYS[1]


NOTHING_TYPED: Final = Typed()


class State(msgspec.Struct, frozen=True):
    """How a pair stands: its facts, its line in the queue, who has it, what was decided."""

    facts: Facts
    line: Line | None
    desk: Desk
    decisions: list[Decision]

    @property
    def seen(self) -> str:
        """Changes with every change that a decision should know of."""
        last = max((one.id for one in self.decisions), default=0)
        states = "".join(f"{one.state[0]}{one.asked[:1]}" for one in self.decisions)
        versions = (f"{self.facts.patients[one].version}" for one in self.facts.pair)
        return f"{last}{states}.{'.'.join(versions)}.{int(self.facts.already)}"


@get("/centre/identity/review/{pair:str}")
async def review_pair(
    visitor: VisitorParameter, pair: FromPath[str], done: FromQuery[str] = ""
) -> Response[Any]:
    """Two registrations side by side; `done` is the pair that was decided just before."""
    allowed = await visitor.ask("review-links", object_type="review", object_id=pair[:140])
    state = await state_of(visitor, allowed, pair)
    return await pair_page(visitor, state, done=pair_from(done))


@post("/centre/identity/review/{pair:str}/show")
async def review_show(visitor: VisitorParameter, pair: FromPath[str]) -> Response[Any]:
    """The same with the numbers in full: written down by itself."""
    allowed = await visitor.ask("review-links", object_type="review", object_id=pair[:140])
    state = await state_of(visitor, allowed, pair)
    await written_down(visitor, "show-numbers", state.facts.pair, "review", pair)
    return await pair_page(visitor, state, shown=True, status=200)


async def state_of(visitor: Visitor, allowed: Allowed, text: str) -> State:
    """How a pair stands; that it was looked at is written down.

    Raises:
        NotFoundException: the address names no pair, or one of the two is not there.
    """
    pair = pair_from(text)
    facts = await facts_of(visitor, allowed.scope, pair) if pair else None
    if pair is None or facts is None:
        raise NotFoundException
    pool = visitor.web.store.pool
    async with pool.acquire() as connection:
        line = await line_of(connection, pair)
        found = await decisions_about(connection, {one for side in facts.sides for one in side})
    desks = await desk_of(pool, [pair], now=visitor.now)
    await written_down(visitor, "review-links", facts.patients, "review", text)
    return State(facts, line, desks.get(pair, UNTOUCHED), between(found, pair, facts.sides))


async def pair_page(
    visitor: Visitor,
    state: State,
    *,
    shown: bool = False,
    error: str = "",
    typed: Typed = NOTHING_TYPED,
    done: Pair | None = None,
    status: int = 200,
) -> Response[Any]:
    """The page of a pair as it stands."""
    facts, account, say = state.facts, signed_in(visitor), visitor.say
    fields = compared(facts, say, shown=shown)
    decision = in_force(state.decisions)
    before, after = await _beside(visitor, state)
    return visitor.page(
        "review/pair.html",
        status=status,
        pair=pair_key(facts.pair),
        cause=cause_words(state.line.cause, visitor) if state.line else "",
        sides=sides_shown(facts, say),
        fields=fields,
        score=await score_shown(visitor, facts),
        evidence=evidence(facts, fields, say),
        joined=joined(facts),
        desk={
            "mine": state.desk.taken_by == account.id,
            "taken": "" if state.desk.free_for(account.id) else state.desk.taken_name,
            "until": state.desk.deferred_until,
            "by": state.desk.deferred_name,
            "why": state.desk.deferred_reason,
        },
        standing=shown_decision(decision, say) if decision else None,
        decisions=[shown_decision(one, say) for one in state.decisions],
        may=may(decision, account),
        two_persons=facts.sensitive and not facts.already,
        shown=shown,
        error=refused_words(error, say),
        typed=typed,
        seen=state.seen,
        days=PUT_OFF_DAYS,
        done_href=f"{HERE}/{pair_key(done)}" if done else None,
        previous_href=f"{HERE}/{pair_key(before.pair)}" if before else None,
        next_href=f"{HERE}/{pair_key(after.pair)}" if after else None,
        back_href=HERE,
    )


async def _beside(visitor: Visitor, state: State) -> tuple[Line | None, Line | None]:
    account = signed_in(visitor)
    async with visitor.web.store.pool.acquire() as connection:
        return await beside(connection, state.line, now=visitor.now, account=account.id)
