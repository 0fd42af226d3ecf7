"""The home of roles without pages of their own yet: who you are, your posts, what you may do."""

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
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor

_DOORS: Final[tuple[tuple[Action, str, str, str], ...]] = (
    ("find-residents", "/doctor", N_("查找居民"), N_("查找居民，打开有权查看的档案")),
    ("watch-messages", "/centre/messages", N_("消息"), N_("各来源送来的消息和处理情况")),
    ("see-quality", "/centre/quality", N_("质量"), N_("各来源的数据质量")),
    ("see-population", "/population", N_("人口"), N_("本区域的人口数字")),
    ("manage-organisations", "/administration/organisations", N_("机构"), N_("机构、科室和团队")),
    ("manage-people", "/administration/people", N_("人员"), N_("账号、岗位和角色")),
    ("review-glass", "/glass", N_("紧急查阅复核"), N_("逐件判断紧急查阅是否正当")),
    ("propose-policy", "/security/policy", N_("访问策略"), N_("看、试、改策略，修改由另一人复核")),
    ("read-audit", "/audit", N_("审计日志"), N_("查询每一次查阅和操作")),
    ("answer-objections", "/objections", N_("居民异议"), N_("答复居民对查阅记录的异议")),
)  # fmt: skip
"""Action, address, name, what for: shown to whom the policy allows the action."""


@get("/home")
async def home_page(visitor: VisitorParameter) -> Response[Any]:
    """Who somebody is here, the posts they may act in, and where they may go."""
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
    role = BY_KEY.get(account.role)
    what = "" if role is None else role.what_zh if lang == "zh-CN" else role.what_en
    return visitor.page(
        "administration/home.html",
        status=422 if refused else 200,
        refused=refused,
        what=what,
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
