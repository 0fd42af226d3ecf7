"""Cards of the information centre's home."""

from minkang.exchange.alarms import unseen
from minkang.exchange.waiting import MOST_COUNTED, aside, silent
from minkang.identity.register import difference_counts
from minkang.identity.review_list import counts
from minkang.terminology.unmapped import waiting_counts
from minkang.web.home_card import Card
from minkang.web.rendering import N_
from minkang.web.review_words import midnight
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_REVIEW = "/centre/identity/review"


async def open_alarms(visitor: Visitor) -> Card:
    """Alarms that nobody has taken on."""
    async with visitor.web.store.pool.acquire() as connection:
        count = await unseen(connection)
    words = N_("还没有人认领，先看原因再处理") if count else N_("没有未认领的告警")
    return Card(
        visitor.say(N_("告警")), count, visitor.say(words), "/centre/alarms",
        "danger" if count else "ok",
    )  # fmt: skip


async def silent_sources(visitor: Visitor) -> Card:
    """Sources that have been silent for longer than they may."""
    async with visitor.web.store.pool.acquire() as connection:
        count = await silent(connection)
    words = N_("超过约定时间没有消息，请联系对方") if count else N_("在用的来源都有消息")
    return Card(
        visitor.say(N_("沉默的来源")), count, visitor.say(words), "/centre/sources",
        "danger" if count else "ok",
    )  # fmt: skip


async def quarantine(visitor: Visitor) -> Card:
    """Messages that could not be taken in."""
    async with visitor.web.store.pool.acquire() as connection:
        count = await aside(connection)
    words = N_("没有入库的消息，改正后可以重放") if count else N_("没有消息被隔离")
    if count >= MOST_COUNTED:
        words = N_("隔离的消息很多，只数到这里")
    return Card(
        visitor.say(N_("隔离区")), count, visitor.say(words), "/centre/quarantine",
        "warn" if count else "ok",
    )  # fmt: skip


async def pairs(visitor: Visitor) -> Card | None:
    """Registrations of which a person must say whether they are one resident's."""
    count = (await _work(visitor))[0]
    words = N_("系统拿不准是否同一人，由您判断") if count else N_("没有待核对的登记")
    return Card(
        visitor.say(N_("待核对登记")), count, visitor.say(words), _REVIEW,
        "warn" if count else "ok",
    )  # fmt: skip


async def second_person(visitor: Visitor) -> Card | None:
    """Decisions on links that wait for a second person; no card if there are none."""
    count = (await _work(visitor))[1]
    if not count:
        return None
    words = visitor.say(N_("他人已判断，等另一人复核"))
    return Card(visitor.say(N_("待第二人复核")), count, words, f"{_REVIEW}/second", "warn")


async def unmapped_codes(visitor: Visitor) -> Card:
    """Codes of hospitals that nobody has mapped."""
    async with visitor.web.store.pool.acquire() as connection:
        count = sum((await waiting_counts(connection)).values())
    words = N_("医院自编的代码还没有对照标准") if count else N_("代码都已对照")
    return Card(
        visitor.say(N_("待对照编码")), count, visitor.say(words), "/centre/codes",
        "warn" if count else "ok",
    )  # fmt: skip


async def register_differences(visitor: Visitor) -> Card:
    """Differences between the population register and what care knows."""
    count = sum((await difference_counts(visitor.web.store)).values())
    words = N_("人口登记与就诊信息不一致") if count else N_("人口登记与就诊信息一致")
    return Card(
        visitor.say(N_("登记差异")), count, visitor.say(words), "/population/differences",
        "warn" if count else "ok",
    )  # fmt: skip


async def _work(visitor: Visitor) -> tuple[int, int]:
    """Pairs that wait for a first and for a second person."""
    today = midnight(visitor.now.astimezone(ZONE))
    account = visitor.account.id if visitor.account else ""
    async with visitor.web.store.pool.acquire() as connection:
        found = await counts(connection, now=visitor.now, today=today, account=account)
    return found.open, found.second
