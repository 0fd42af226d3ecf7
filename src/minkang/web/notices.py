"""Notices on the resident's own page."""

from datetime import datetime
from typing import Any

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.policy.notices import Notice, put_away
from minkang.web.own_pages import own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_, wall_time
from minkang.web.visitor import Visitor

_WORDS = {
    "glass-opened": N_(
        "%(institution)s %(who)s 因紧急情况打开了您的档案，到 %(until)s 自动关闭。"
        "复核后会告诉您结论。"
    ),
    "glass-justified": N_("%(who)s 于 %(opened)s 的紧急查阅经复核：理由成立。"),
    "glass-not-justified": N_("%(who)s 于 %(opened)s 的紧急查阅经复核：理由不成立，已关闭并记录。"),
    "objection-answered": N_("您对「%(who)s」查阅的异议已有答复。"),
    "guardian-confirmed": N_("监护关系已确认：%(ward)s。"),
    "guardian-refused": N_("监护关系未通过核对：%(ward)s。%(words)s"),
    "guardian-ended": N_("监护关系已结束：%(ward)s。"),
    "correction-accepted": N_("您申请的更正已有答复：已更正。"),
    "correction-refused": N_("您申请的更正已有答复：未更正，请看理由。"),
    "correction-forwarded": N_("您申请的更正已转给原来记录的机构核实。"),
}
_HREFS = {
    "glass": "/me/access?kind=emergency",
    "objection": "/me/access#objections",
    "correction": "/me/corrections",
}
_TIMES = frozenset({"until", "opened"})


@post("/me/notices/{notice:str}/seen")
async def notice_seen(visitor: VisitorParameter, notice: FromPath[str]) -> Redirect:
    """Put a notice away; the table keeps it."""
    own = await own_pages(visitor, "see-who-looked")
    await put_away(visitor.web.store.pool, own.resident.person, notice, now=visitor.now)
    return Redirect("/me", status_code=303)


def notice_line(visitor: Visitor, notice: Notice) -> dict[str, Any]:
    """A notice as the page shows it."""
    facts = {
        name: wall_time(datetime.fromisoformat(value)) if name in _TIMES else value
        for name, value in notice.facts.items()
    }
    words = _WORDS.get(notice.kind)
    return {
        "id": notice.id,
        "text": visitor.say(words) % facts if words else notice.kind,
        "at": notice.at,
        "urgent": notice.kind.startswith("glass"),
        "href": _HREFS.get(notice.kind.partition("-")[0], "/me/family"),
    }
