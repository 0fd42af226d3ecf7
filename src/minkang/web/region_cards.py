"""Cards of the homes of those who watch the region: what needs attention, how far records reach."""

from typing import Final

from minkang.fhir.dates import LOCAL
from minkang.policy import Ask, decide
from minkang.record.region.attention import of_institutions, of_sources, open_alarms
from minkang.record.region.figures import People, institutions_in, people_below
from minkang.record.region.sources import sent_by
from minkang.web.home_card import Card
from minkang.web.region_words import NOTHING, share, shown
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_DAYS: Final = 30


async def needs_attention(visitor: Visitor) -> Card | None:
    """How many institutions and sources of the region somebody should look into."""
    today = visitor.now.astimezone(LOCAL).date()
    async with visitor.web.store.readers.lent() as connection:
        institutions = await institutions_in(connection, "", _DAYS)
        sent = await sent_by(connection, "", _DAYS, today)
        alarms = await open_alarms(connection, sent.sources)
    count = len(alarms) + len(of_institutions(institutions)) + len(of_sources(sent.sources))
    words = N_("告警、就诊骤降、质量下降、尚未接入") if count else N_("没有需要关注的情况")
    return Card(
        visitor.say(N_("区域需要关注")), count, visitor.say(words), "/region#attention-title",
        "warn" if count else "ok",
    )  # fmt: skip


async def coverage(visitor: Visitor) -> Card | None:
    """For how many of the residents there is a record."""
    async with visitor.web.store.readers.lent() as connection:
        found = await people_below(connection, "", 0)
    people = found.get("", People())
    exact = decide(Ask(account=visitor.account, action="see-register")).allowed
    told = share(people.recorded, people.people, exact=exact)
    if told == NOTHING:
        return Card(
            visitor.say(N_("记录覆盖率")), None, visitor.say(N_("人口登记尚未接入或尚未统计")),
            "/region?shade=recorded-share",
        )  # fmt: skip
    words = visitor.say(N_("常住 %(people)s 人中 %(share)s 有健康记录")) % {
        "people": shown(people.people, exact=exact),
        "share": told,
    }
    return Card(visitor.say(N_("记录覆盖率")), None, words, "/region?shade=recorded-share")
