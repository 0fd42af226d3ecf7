"""Cards of the home: what waits in the health files, and residents' requests for corrections."""

from minkang.record.files.corrections import corrections_waiting
from minkang.record.files.work import work_counts
from minkang.web.files import today
from minkang.web.files_asked import kept_by
from minkang.web.home_card import Card
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor


async def files_to_do(visitor: Visitor) -> Card | None:
    """Files that are to be opened, handed on, closed or answered; what only should be completed
    does not press."""
    mine = await kept_by(visitor)
    if not mine:
        return None
    counts = await work_counts(visitor.web.store, mine, today(visitor))
    pressing = sum(counts[one] for one in ("asked", "died", "moved-in", "moved-out", "missing"))
    later = sum(counts.values()) - pressing
    if pressing:
        words = visitor.say(N_("待建档、迁移、结案或核对；另有 %(n)s 份要更新、完善")) % {
            "n": later
        }
        return Card(visitor.say(N_("健康档案")), pressing, words, "/files", "warn")
    if later:
        words = visitor.say(N_("要更新、完善或联系的档案"))
        return Card(visitor.say(N_("健康档案")), later, words, "/files", "")
    return Card(visitor.say(N_("健康档案")), 0, visitor.say(N_("没有要处理的档案")), "/files", "ok")


async def corrections_to_answer(visitor: Visitor) -> Card | None:
    """Requests for corrections that wait; no card where there are none."""
    mine = await kept_by(visitor)
    count = await corrections_waiting(visitor.web.store.pool, mine) if mine else 0
    if not count:
        return None
    words = visitor.say(N_("居民等您核实后答复"))
    return Card(visitor.say(N_("更正申请")), count, words, "/corrections", "warn")
