"""The home: what needs doing now, where to go, which post one acts in."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.response import Redirect

from minkang.accounts import AccountRefused
from minkang.accounts.posts import posts_of, switch_post
from minkang.accounts.roles import BY_KEY, home_of
from minkang.accounts.sessions import token_hash
from minkang.policy import Action, Ask, decide
from minkang.web import people_words
from minkang.web.cookies import session_cookie_name
from minkang.web.home_cards import cards_of
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor

_DOORS: Final[tuple[tuple[Action, str, str, str], ...]] = (
    ("find-residents", "/doctor", N_("查找居民"), N_("查找居民，打开有权查看的档案")),
    ("watch-messages", "/centre/messages", N_("消息"), N_("各来源送来的消息和处理情况")),
    ("manage-sources", "/centre/sources", N_("数据来源"), N_("接入一家医院，看每个来源是否正常")),
    ("map-codes", "/centre/codes", N_("编码对照"), N_("把医院自编的代码对照到标准")),
    ("review-links", "/centre/identity", N_("主索引"), N_("核对登记是否为同一人")),
    ("see-region", "/region", N_("区域"), N_("机构、居民、档案、覆盖率和质量一眼看清")),
    ("watch-messages", "/centre/quality", N_("质量"), N_("各来源的数据质量")),
    ("watch-messages", "/centre/reconciliation", N_("对账"), N_("来源自报的与平台所存的逐日比对")),
    ("see-population", "/population", N_("人口"), N_("本区域的人口数字")),
    ("manage-organisations", "/administration/organisations", N_("机构"), N_("机构、科室和团队")),
    ("manage-people", "/administration/people", N_("人员"), N_("账号、岗位和角色")),
    ("manage-people", "/administration/import", N_("表格导入"), N_("用一张表建立机构和人员")),
    ("manage-services", "/administration/services", N_("服务账号"), N_("程序使用的账号和密钥")),
    ("manage-apps", "/administration/apps", N_("接入应用"), N_("登记应用，由安全管理员审核")),
    ("review-glass", "/glass", N_("紧急查阅复核"), N_("逐件判断紧急查阅是否正当")),
    ("propose-policy", "/security/policy", N_("访问策略"), N_("看、试、改策略，修改由另一人复核")),
    ("approve-apps", "/security/apps", N_("接入应用"), N_("审核应用可以读什么")),
    ("unlock-logins", "/security/log-ins", N_("登录锁定"), N_("解锁输错密码的账号")),
    ("see-keys", "/security/keys", N_("密钥"), N_("加密密钥的更换")),
    ("read-audit", "/audit", N_("审计日志"), N_("查询每一次查阅和操作")),
    ("read-audit", "/audit/unusual", N_("异常使用"), N_("夜间、大量、同姓和离职后的查阅")),
    ("verify-audit", "/audit/verification", N_("完整性核验"), N_("证明日志没有被改动")),
    ("answer-objections", "/objections", N_("居民异议"), N_("答复居民对查阅记录的异议")),
    ("see-security", "/security/list", N_("安全自查"), N_("逐条对照等级保护和密码应用要求")),
)  # fmt: skip
"""Action, address, name, what for: shown to whom the policy allows the action."""

_ELSEWHERE: Final = {
    "hospital-it": N_(
        "您负责的接入在信息中心的页面上配置：要新接一个系统、换密钥，或查一条消息是否送达，"
        "请带上消息编号联系信息中心。您的账号可以通过接口读取机构目录。"
    ),
    "cdc": N_(
        "这里是全区域的数字，不能打开居民档案。法定传染病病例目前通过接口读取，监测预警的页面还没有；"
        "需要接口令牌请联系信息中心。"
    ),
    "researcher": N_(
        "平台不向研究人员开放任何可以识别个人的页面。经批准的研究队列通过接口以去标识数据提供，"
        "申请请联系信息中心。"
    ),
}
"""Roles that do (part of) their work elsewhere: said openly instead of an empty page."""


@get("/home")
async def home_page(visitor: VisitorParameter) -> Response[Any]:
    """What needs doing now, where somebody may go, and the posts they may act in."""
    await visitor.ask("see-home", object_type="Account")
    return await _page(visitor, refused=False)


@post("/home/post")
async def home_switch(
    web: WebParameter, visitor: VisitorParameter, data: Form, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Act in another of one's posts from now on; leads to the home of its role."""
    await visitor.ask("see-home", object_type="Account")
    token = request.cookies.get(session_cookie_name(secure=web.settings.https), "")
    try:
        account = await switch_post(
            web.store.pool, web.gate.log, token_hash(web.keys, token), data.get("post", ""),
            now=visitor.now, address=visitor.address,
        )  # fmt: skip
    except AccountRefused:
        return await _page(visitor, refused=True)
    return Redirect(home_of(account.role), status_code=303)


async def _page(visitor: Visitor, *, refused: bool) -> Response[Any]:
    account, lang = visitor.account, language_of(visitor.request)
    if account is None:
        return Redirect("/login", status_code=303)
    own = (await posts_of(visitor.web.store.pool, [account.id])).get(account.id, [])
    role, elsewhere = BY_KEY.get(account.role), _ELSEWHERE.get(account.role)
    what = "" if role is None else role.what_zh if lang == "zh-CN" else role.what_en
    return visitor.page(
        "home/page.html",
        status=422 if refused else 200,
        refused=refused,
        what=what,
        cards=await cards_of(visitor),
        elsewhere=visitor.say(elsewhere) if elsewhere else "",
        posts=[
            {
                "id": one.id,
                "role": people_words.role_words(one.role, lang),
                "organisation": one.organisation_name or "",
                "department": one.department,
                "current": one.id == account.post,
            }
            for one in own
            if one.in_force(visitor.now)
        ],
        doors=[
            {"href": href, "name": visitor.say(name), "what": visitor.say(words)}
            for action, href, name, words in _DOORS
            if decide(Ask(account=account, action=action)).allowed
        ],
    )
