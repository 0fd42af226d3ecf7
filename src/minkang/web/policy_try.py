"""Trying the policy out: why can this person see that resident, and who can at all?"""

from typing import Any

from litestar import Response, get, post

from minkang.accounts import account_by_login
from minkang.identity import Resident, find_residents, resident
from minkang.policy import Action
from minkang.policy.explain import Explanation, explain, who_may_open
from minkang.store import Scope
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.policy_words import ACTIONS, EFFECTS, condition_words
from minkang.web.visitor import Visitor
from minkang.web.wording import action_words, purpose_words, reason_words

PAGE = "/security/policy/try"


@get(PAGE)
async def try_page(visitor: VisitorParameter) -> Response[Any]:
    """The form."""
    await visitor.ask("try-policy", object_type="Policy")
    return _page(visitor, {"login": "", "resident": "", "action": ACTIONS[0]})


@post(PAGE)
async def try_out(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The decision with its reasons, or everybody who may open the record.

    No clinical data and no name of the resident are shown; that it was asked stands in the log,
    where the resident sees it.
    """
    typed = {name: data.get(name, "").strip() for name in ("login", "resident", "action")}
    found = await _resident(visitor, typed["resident"])
    person = found.person if found else None
    await visitor.ask("try-policy", object_type="Policy", person=person)
    if found is None:
        return _page(visitor, typed, error=visitor.say("没有找到这位居民。"))
    if data.get("step") == "who":
        everybody = await who_may_open(
            visitor.web.gate, person=found.person, patients=found.patients,
            birth_date=found.birth_date, now=visitor.now,
        )  # fmt: skip
        return _page(visitor, typed, everybody=[_explained(visitor, one) for one in everybody])
    account = await account_by_login(visitor.web.store.pool, typed["login"])
    if account is None:
        return _page(visitor, typed, error=visitor.say("没有找到这个登录名。"))
    action: Action = next((one for one in ACTIONS if one == typed["action"]), "open-record")
    said = await explain(
        visitor.web.gate, account, action, person=found.person, patients=found.patients,
        birth_date=found.birth_date, now=visitor.now,
    )  # fmt: skip
    return _page(visitor, typed, explained=_explained(visitor, said))


async def _resident(visitor: Visitor, text: str) -> Resident | None:
    """By the id of the Person or the electronic health code; never by name."""
    store = visitor.web.store
    if text.isdigit():
        found = await find_residents(store, Scope.whole(), text, 1)
        return found.residents[0] if found.by == "code" and found.residents else None
    return await resident(store, Scope.whole(), text) if text else None


def _explained(visitor: Visitor, one: Explanation) -> dict[str, Any]:
    say, decision = visitor.say, one.decision
    state = one.relation.consent
    return {
        "name": one.account.name,
        "login": one.account.login,
        "role": one.account.role,
        "organisation": one.account.organisation_name or "",
        "allowed": decision.allowed,
        "mask": decision.mask,
        "reason": decision.reason if decision.allowed else reason_words(decision.reason, say),
        "purpose": purpose_words(decision.purpose, say),
        "version": decision.version,
        "true": condition_words(one.true, say),
        "kept_back": "、".join(sorted(state.without_topics)),
        "confirmed": "、".join(sorted(state.confirmed_topics)),
        "rows": [
            {
                "id": row.row.id,
                "zh": row.row.zh,
                "en": row.row.en,
                "spoke": row.spoke,
                "effect": say(EFFECTS[row.row.effect]),
                "lacks": condition_words(row.lacks, say),
                "one_of": condition_words(row.one_of, say),
                "against": condition_words(row.against, say),
                "law": row.row.law,
            }
            for row in one.rows
        ],
    }


def _page(visitor: Visitor, typed: dict[str, str], error: str = "", **more: Any) -> Response[Any]:
    context = {"explained": None, "everybody": None, **more}
    return visitor.page(
        "policy/try.html",
        status=422 if error else 200,
        typed=typed,
        error=error,
        actions=[(one, action_words(one, visitor.say)) for one in ACTIONS],
        **context,
    )
