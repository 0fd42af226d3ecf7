"""A record printed: one PDF with what a reader of paper needs, for clinicians and for residents.

What stands on it is what the tabs of the record show, gathered within the same decision. Each page
says whose it is, who printed it, when and what for.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from minkang.identity import Resident
from minkang.policy import Decision
from minkang.record.life import Life, gather
from minkang.web import (
    record_medicines,
    record_overview,
    record_pregnancies,
    record_results,
    record_timeline,
    record_vaccinations,
)
from minkang.web.facts import Facts
from minkang.web.own_pages import own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.print_sheet import FontMissing, Sheet
from minkang.web.record import BASIS
from minkang.web.record_tabs import Asked
from minkang.web.rendering import N_, wall_time
from minkang.web.visitor import NotAllowed, Visitor
from minkang.web.wording import ZONE, Who

TYPES: Final = tuple(
    dict.fromkeys(
        kind
        for tab in (
            record_overview, record_medicines, record_results, record_timeline,
            record_vaccinations, record_pregnancies,
        )
        for kind in tab.TYPES
    )
)  # fmt: skip
_SEXES: Final = {"male": N_("男"), "female": N_("女"), "other": N_("其他")}
_FLAGS: Final = {"H": "↑", "HH": "↑↑", "L": "↓", "LL": "↓↓"}
_KINDS: Final = {
    "AMB": N_("门诊"), "EMER": N_("急诊"), "IMP": N_("住院"), "ACUTE": N_("住院"),
    "NONAC": N_("住院"), "HH": N_("上门"), "VR": N_("远程"),
}  # fmt: skip


@get("/record/{person:str}/print.pdf")
async def record_print(visitor: VisitorParameter, person: FromPath[str]) -> Response[bytes]:
    """The record as a clinician may see it, to be printed or filed; written down as printed."""
    decision, resident = await visitor.ask_about(
        "open-record", person, object_type="pdf", object_id=person
    )
    if decision.purpose == "own-record":
        raise NotAllowed(decision, visitor, None)
    basis = visitor.say(BASIS.get(decision.reason, N_("访问策略允许")))
    return await _printed(visitor, decision, resident, basis, visitor.say(N_("仅供本次诊疗使用")))


@get(["/me/print.pdf", "/me/family/{person:str}/print.pdf"])
async def own_print(
    visitor: VisitorParameter, person: FromPath[str] | None = None
) -> Response[bytes]:
    """The own record, or that of somebody in one's care."""
    own = await own_pages(visitor, person=person)
    basis = visitor.say(N_("本人或其监护人"))
    return await _printed(
        visitor, own.decision, own.resident, basis, visitor.say(N_("由居民本人打印，请妥善保管"))
    )


async def _printed(
    visitor: Visitor, decision: Decision, resident: Resident, basis: str, use: str
) -> Response[bytes]:
    life = await gather(visitor.web.store, decision.scope, resident, TYPES)
    asked = Asked(visitor.web, visitor, decision, resident, {})
    try:
        body = await asyncio.to_thread(written, asked, life, basis, use)
    except FontMissing:
        return Response(
            visitor.say(N_("打印字体没有安装，请信息中心运行 make setup")).encode(),
            media_type="text/plain; charset=utf-8",
            status_code=503,
        )
    name = f"record-{visitor.now.astimezone(ZONE):%Y%m%d-%H%M}.pdf"
    return Response(
        body,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def written(asked: Asked, life: Life, basis: str, use: str) -> bytes:
    """The PDF of a life; no I/O.

    Raises:
        FontMissing: the platform was not set up whole.
    """
    visitor, say = asked.visitor, asked.visitor.say
    facts = Facts({}, visitor.now, say, mark_new=False)
    who = Who(asked.resident, visitor.now)
    account = visitor.account
    by = " ".join(
        one for one in ((account.name, account.organisation_name) if account else ()) if one
    )
    sheet = Sheet(say(N_("居民健康档案")), f"{who.name} · {by} · {wall_time(visitor.now)} · {use}")
    sheet.facts(
        [
            (say(N_("姓名")), who.name),
            (say(N_("性别")), say(_SEXES[who.sex]) if who.sex in _SEXES else ""),
            (say(N_("出生")), who.birth_date),
            (say(N_("年龄")), "" if who.age is None else str(who.age)),
            (say(N_("身份证号")), who.id_number_masked),
            (say(N_("电子健康码")), who.code),
            (say(N_("住址")), who.town),
            (say(N_("查阅依据")), basis),
        ]
    )
    _overview(sheet, asked, record_overview.overview_context(asked, life, facts))
    _medicines(sheet, asked, record_medicines.medicines_context(asked, life, facts))
    _results(sheet, asked, record_results.results_context(asked, life, facts))
    _visits(sheet, asked, record_timeline.timeline_context(asked, life, facts))
    _vaccinations(sheet, asked, record_vaccinations.vaccinations_context(asked, life, facts))
    _pregnancies(sheet, asked, record_pregnancies.pregnancies_context(asked, life, facts))
    names = "、".join(sorted(set(life.names.values())))
    if names:
        sheet.section(say(N_("内容来自")))
        sheet.note(names)
    if not life.complete:
        sheet.note(say(N_("资料很多，这里只有最近的部分。")))
    if sheet.missing:
        codes = " ".join(f"U+{ord(one):04X}" for one in sorted(sheet.missing))
        sheet.note(say(N_("〓 处是字库没有的汉字：%(codes)s")) % {"codes": codes})
    return sheet.finished()


def _overview(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    sheet.section(say(N_("过敏")))
    sheet.lines(
        [f"{one['name']} {one['reactions'] or ''}" for one in shown["allergies"]]
        or [say(N_("未登记过敏史，请询问患者"))]
    )
    said = [*shown["blood"], *shown["risks"], *shown["family"]]
    chronic = [
        f"{one['name']} {one['value'] or ''} {one['unit'] or ''} {_day(one['at'])}"
        for one in shown["chronic"]
    ]
    if said or chronic:
        sheet.section(say(N_("血型、风险与慢病")))
        sheet.lines([f"{one['name']} {one['value']}" for one in said] + chronic)
    if shown["doctors"]:
        sheet.section(say(N_("家庭医生")))
        sheet.lines(
            f"{one['doctor']} {one['institution']} {one['words']}" for one in shown["doctors"]
        )
    sheet.section(say(N_("健康问题")))
    if shown["problems"]:
        sheet.rows(
            [say(N_("问题")), say(N_("编码")), say(N_("首次")), say(N_("最近")), say(N_("机构"))],
            [5, 2, 2, 2, 4],
            [
                (one["name"], one["code"] or "", _day(one["first"]), _day(one["last"]),
                 one["institution"])
                for one in shown["problems"]
            ],
        )  # fmt: skip
    else:
        sheet.note(say(N_("没有登记的健康问题")))
    if wrong := [one for one in shown["gaps"] if one["wrong"]]:
        sheet.section(say(N_("各机构登记有矛盾")))
        sheet.lines(f"{one['words']}：{one['values']}" for one in wrong)


def _medicines(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    sheet.section(say(N_("正在用药")))
    if shown["now"]:
        sheet.rows(
            [say(N_("药品")), say(N_("用法")), say(N_("开始")), say(N_("机构"))],
            [5, 5, 2, 4],
            [
                (one["name"], one["how"], _day(one["since"]), "、".join(one["institutions"]))
                for one in shown["now"]
            ],
        )
    else:
        sheet.note(say(N_("没有仍在疗程内的用药")))
    if shown["findings"]:
        sheet.lines(f"{one['words']}：{' / '.join(one['names'])}" for one in shown["findings"])


def _results(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    if not shown["rows"]:
        return
    sheet.section(say(N_("检验与测量结果")))
    sheet.rows(
        [say(N_("项目")), say(N_("结果")), say(N_("参考范围")), say(N_("时间")), say(N_("机构"))],
        [4, 4, 3, 3, 4],
        [
            (
                one["name"],
                f"{one['value']} {one['unit']} {_FLAGS.get(one['flag'], '')}".strip(),
                one["reference"],
                wall_time(one["at"]),
                one["institution"],
            )
            for one in shown["rows"]
        ],
    )
    if shown["more"]:
        sheet.note(say(N_("还有更早的 %(n)s 项")) % {"n": shown["more"]})


def _visits(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    if not shown["stops"]:
        return
    sheet.section(say(N_("就诊")))
    rows = []
    for one in shown["stops"]:
        visit = one["visit"] or {}
        kind = visit.get("class_code", "")
        where = " ".join(text for text in (one["institution"], visit.get("department")) if text)
        rows.append(
            (
                _day(one["at"]),
                say(_KINDS[kind]) if kind in _KINDS else kind,
                where,
                "；".join(one["diagnoses"]),
            )
        )
    sheet.rows(
        [say(N_("日期")), say(N_("类别")), say(N_("机构与科室")), say(N_("诊断"))],
        [2, 1, 5, 7],
        rows,
    )
    if shown["count"] > len(shown["stops"]):
        sheet.note(say(N_("共 %(n)s 次，这里是最近的")) % {"n": shown["count"]})


def _vaccinations(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    if not shown["shots"]:
        return
    sheet.section(say(N_("预防接种")))
    sheet.rows(
        [say(N_("疫苗")), say(N_("剂次")), say(N_("日期")), say(N_("批号")), say(N_("地点"))],
        [5, 1, 2, 3, 4],
        [
            (
                one["name"] if one["given"] else f"{one['name']} {say(N_('未接种'))}",
                str(one["number"] or ""),
                str(one["on"] or ""),
                one["lot"] or "",
                one["place"] or "",
            )
            for one in shown["shots"]
        ],
    )


def _pregnancies(sheet: Sheet, asked: Asked, shown: Mapping[str, Any]) -> None:
    say = asked.visitor.say
    if not shown["pregnancies"]:
        return
    sheet.section(say(N_("妊娠")))
    sheet.rows(
        [say(N_("末次月经")), say(N_("预产期")), say(N_("结局")), say(N_("结束于"))],
        [3, 3, 4, 3],
        [
            (
                str(one["last_period"] or ""),
                str(one["expected"] or ""),
                one["outcome"] or "",
                str(one["ended"] or ""),
            )
            for one in shown["pregnancies"]
        ],
    )


def _day(moment: Any) -> str:
    return "" if moment is None else str(moment.astimezone(ZONE).date())
