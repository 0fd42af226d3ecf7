"""Cards of administrators, supervisors and clinicians."""

from datetime import timedelta
from typing import Final

from minkang.accounts.directory import read_tree
from minkang.accounts.waiting import apps_requested, services_ending, shut_out, without_post
from minkang.audit.runs import latest_runs
from minkang.policy.waiting import (
    Waiting,
    glasses_asked_of,
    glasses_waiting,
    guardians_to_check,
    objections_waiting,
    proposals_waiting,
)
from minkang.web.home_card import Card, Tone
from minkang.web.rendering import N_, wall_time
from minkang.web.visitor import Visitor

_SOON: Final = timedelta(days=30)
_STALE: Final = timedelta(days=2)


async def glass_questions(visitor: Visitor) -> Card | None:
    """A reviewer's questions to the clinician who broke the glass; no card if there are none."""
    if visitor.account is None:
        return None
    count = await glasses_asked_of(visitor.web.store.pool, visitor.account.id)
    if not count:
        return None
    words = visitor.say(N_("复核人请您说明当时的情况"))
    return Card(visitor.say(N_("紧急查阅待说明")), count, words, "/doctor/glass", "danger")


async def guardians(visitor: Visitor) -> Card | None:
    """Guardians whose papers the own institution has to check."""
    if visitor.account is None or visitor.account.organisation is None:
        return None
    count = await guardians_to_check(visitor.web.store.pool, visitor.account.organisation)
    words = N_("居民等您核对证明后才能代管家人") if count else N_("没有待核对的申请")
    return Card(
        visitor.say(N_("监护关系")), count, visitor.say(words), "/families",
        "warn" if count else "ok",
    )  # fmt: skip


async def glass_reviews(visitor: Visitor) -> Card:
    """Emergency access that waits for a decision; a supervisor's within the own institutions."""
    account, pool = visitor.account, visitor.web.store.pool
    within = None
    if account is not None and account.role == "supervisor":
        tree = await read_tree(pool)
        within = tree.within(account.organisation) if account.organisation else frozenset()
    found = await glasses_waiting(pool, visitor.now, within)
    return _due(visitor, N_("紧急查阅复核"), found, N_("没有待复核的紧急查阅"), "/glass")


async def objections_due(visitor: Visitor) -> Card:
    """Residents' objections without an answer."""
    found = await objections_waiting(visitor.web.store.pool, visitor.now)
    return _due(visitor, N_("居民异议"), found, N_("没有待答复的异议"), "/objections")


async def last_verification(visitor: Visitor) -> Card:
    """What the last verification of the audit log found."""
    runs = await latest_runs(visitor.web.store.pool, limit=3)
    done = next((one for one in runs if one.ended is not None), None)
    tone: Tone = "ok"
    if done is None or done.ended is None:
        words, tone = N_("还没有核验过，请核验一次"), "warn"
    elif done.failed:
        words, tone = N_("上一次核验没能完成，请查看原因"), "danger"
    elif done.found is not None and not done.found.intact:
        words, tone = N_("上一次核验发现日志被改动或缺失"), "danger"
    elif visitor.now - done.ended > _STALE:
        words, tone = N_("两天没有核验了，请核验一次"), "warn"
    else:
        words = N_("上一次核验完整无误")
    said = visitor.say(words)
    if done is not None and done.ended is not None:
        said = f"{said} · {wall_time(done.ended)}"
    return Card(visitor.say(N_("审计日志核验")), None, said, "/audit/verification", tone)


async def policy_proposals(visitor: Visitor) -> Card:
    """Proposals to the policy on which this administrator may decide, as the second person."""
    account = visitor.account.id if visitor.account else ""
    others, own = await proposals_waiting(visitor.web.store.pool, account)
    words = N_("他人提出的修改，等您复核后生效") if others else N_("没有等您复核的修改")
    said = visitor.say(words)
    if own:
        said = visitor.say(N_("您提出的 %(n)s 件等另一人复核")) % {"n": own}
    return Card(
        visitor.say(N_("策略修改")), others, said, "/security/policy", "warn" if others else "ok"
    )


async def requested_apps(visitor: Visitor) -> Card:
    """Apps that wait for approval."""
    count = await apps_requested(visitor.web.store.pool)
    words = N_("审核后才能接入") if count else N_("没有待审核的应用")
    return Card(
        visitor.say(N_("应用申请")), count, visitor.say(words), "/security/apps",
        "warn" if count else "ok",
    )  # fmt: skip


async def log_in_locks(visitor: Visitor) -> Card:
    """Logins and addresses that are shut out now."""
    count = await shut_out(visitor.web.store.pool, visitor.now)
    words = N_("多次输错密码的账号和地址，核实后解锁") if count else N_("没有被锁定的账号和地址")
    return Card(
        visitor.say(N_("登录锁定")), count, visitor.say(words), "/security/log-ins",
        "warn" if count else "ok",
    )  # fmt: skip


async def people_without_post(visitor: Visitor) -> Card:
    """Open accounts that act in no post: nobody can work with them."""
    count = await without_post(visitor.web.store.pool, visitor.now)
    words = N_("账号启用着却没有岗位，请补岗位或停用") if count else N_("启用的账号都有岗位")
    return Card(
        visitor.say(N_("没有岗位的人员")), count, visitor.say(words),
        "/administration/people?shown=no-post", "warn" if count else "ok",
    )  # fmt: skip


async def ending_services(visitor: Visitor) -> Card:
    """Service accounts that end within thirty days."""
    now = visitor.now
    count = await services_ending(visitor.web.store.pool, now, now + _SOON)
    words = N_("三十天内到期，到期后程序停止访问") if count else N_("三十天内没有到期的服务账号")
    return Card(
        visitor.say(N_("服务账号到期")), count, visitor.say(words), "/administration/services",
        "warn" if count else "ok",
    )  # fmt: skip


def _due(visitor: Visitor, title: str, found: Waiting, none: str, href: str) -> Card:
    """A card of what has to be done by a time."""
    if not found.count:
        return Card(visitor.say(title), 0, visitor.say(none), href, "ok")
    if found.overdue:
        words = visitor.say(N_("其中 %(n)s 件已超过期限")) % {"n": found.overdue}
        return Card(visitor.say(title), found.count, words, href, "danger")
    words = visitor.say(N_("最早的期限是 %(when)s")) % {"when": wall_time(found.due)}
    return Card(visitor.say(title), found.count, words, href, "warn")
