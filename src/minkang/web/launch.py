"""Where a link from a hospital's own system leads: to the record in a frame, or to why not."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.api.launch_signed import signed_launch, signer_of
from minkang.api.launch_who import NotKnown
from minkang.policy.launch import LaunchRefused, begin_launch, open_launch
from minkang.web.content_policy import CONTENT_POLICY
from minkang.web.cookies import frame_cookie
from minkang.web.frame import BASE, address_of, may_hold
from minkang.web.login_settings import public_address
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_WORDS: Final[Mapping[str, str]] = {
    "link": N_("这不是本平台签发的链接，或链接被改动过。"),
    "expired": N_("链接已过期：链接在签发后五分钟内有效。"),
    "used": N_("链接已经用过：每个链接只能打开一次。"),
    "ancestor": N_("打开档案的页面不在这个系统登记的页面之内。"),
    "system": N_("这个系统已不能打开居民档案。"),
    "left": N_("您在这家机构已没有在岗的岗位，或账号已停用。"),
    "ended": N_("本次查阅的时间已到，或已在别处打开。"),
    "outside": N_("在其他系统的页面里只能查阅这一位居民的档案。"),
    "institution": N_("这个系统不能为这家机构打开档案。"),
    "practitioner-unknown": N_("这家机构没有这位在岗的医务人员。"),
    "practitioner-many": N_("这个工号对应多人，请联系信息科核对。"),
    "patient": N_("系统没有指明是哪一位居民。"),
    "patient-unknown": N_("平台上没有这个编号的居民。"),
    "patient-many": N_("这个编号对应多位居民，请先核对身份。"),
    "id-number": N_("身份证号不能写在链接里，请由系统向平台申请链接。"),
    "claims": N_("链接的内容不完整。"),
}
_AGAIN: Final = frozenset({"expired", "used", "ended"})
_CODE: Final = N_("健康码无效、已过期或已用过，请居民刷新后重新出示。")


@get("/launch/{token:str}")
async def launch_open(
    web: WebParameter, visitor: VisitorParameter, token: FromPath[str]
) -> Response[Any]:
    """Use a link: the frame's own session, and on to the record."""
    minutes = web.settings.launch_minutes
    try:
        frame, fresh = await open_launch(
            web.store.pool,
            web.keys,
            web.gate.log,
            token,
            referer=visitor.request.headers.get("referer", ""),
            minutes=minutes,
            now=visitor.now,
            address=visitor.address,
        )
    except LaunchRefused as refusal:
        return _refused(visitor, refusal.code, refusal.origins)
    cookie = frame_cookie(fresh, frame.id, minutes * 60, secure=web.settings.https)
    return _on(visitor, address_of(frame), frame.system.origins, {"Set-Cookie": cookie})


@get("/launch")
async def launch_signed(
    web: WebParameter, visitor: VisitorParameter, link: FromQuery[str] = ""
) -> Response[Any]:
    """A link that the system signed itself becomes one of ours."""
    pool, log, about = web.store.pool, web.gate.log, (visitor.now, visitor.address)
    now, address = about
    try:
        signer = await signer_of(
            pool,
            web.keys,
            _app_keys(private=web.settings.app_keys_private),
            link,
            audiences=(f"{public_address(web.settings)}{BASE}",),
            now=now,
        )
    except OAuthRefused:
        return _refused(visitor, "link", ())
    try:
        asked = await signed_launch(web.scanner, signer, now=now, address=address)
    except NotKnown as error:
        return _refused(visitor, error.code, signer.system.origins)
    made = await begin_launch(pool, web.keys, log, asked, now=now, address=address)
    return _on(visitor, f"{BASE}/{made.token}", signer.system.origins, {})


@get("/launch/over/{code:str}")
async def launch_over(visitor: VisitorParameter, code: FromPath[str]) -> Response[Any]:
    """Why a frame shows nothing, or nothing more."""
    return _refused(visitor, code if code in _WORDS else "link", ())


def _on(
    visitor: Visitor, place: str, origins: tuple[str, ...], further: dict[str, str]
) -> Response[Any]:
    """Lead on. The address that is left stays out of what is told of it."""
    headers = {
        "Location": place,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "Content-Security-Policy": may_hold(CONTENT_POLICY, origins),
    }
    return Response("", status_code=303, headers=headers | further)


def _refused(visitor: Visitor, code: str, origins: tuple[str, ...]) -> Response[Any]:
    headers = {"Content-Security-Policy": may_hold(CONTENT_POLICY, origins)} if origins else {}
    return visitor.page(
        "launch/refused.html",
        status=403,
        words=visitor.say(_WORDS.get(code, _CODE)),
        again=code in _AGAIN,
        code=code,
        attempted_at=visitor.now,
        headers=headers,
    )


@cache
def _app_keys(*, private: bool) -> AppKeys:
    return AppKeys(private=private)
