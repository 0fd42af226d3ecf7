"""Templates: environments by language, filters, assets."""

import gettext
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.template.base import csrf_token

from minkang.accounts import Account
from minkang.accounts.roles import BY_KEY
from minkang.web.cookies import SIMPLE
from minkang.web.frame import frame_in, within

LANGUAGES = (("zh-CN", "中文"), ("en", "English"))
_ZONE = ZoneInfo("Asia/Shanghai")


class AssetsMissing(Exception):  # noqa: N818 - reads as what happened
    """The built front-end files are not there; `make setup` builds them."""


@cache
def _manifest() -> dict[str, str]:
    file = resources.files("minkang.web") / "static" / "manifest.json"
    try:
        found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AssetsMissing(f"{file} is missing; run `make setup`") from error
    return found


def asset(name: str) -> str:
    """The address of a built file by its plain name."""
    return f"/static/{_manifest()[name]}"


class _InFrames(PackageLoader):
    """The templates as pages in another system's page use them: with a layout without menus."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """The source of a template."""
        named = "launch/app.html" if template == "app.html" else template
        return super().get_source(environment, named)


@cache
def _environment(language: str, *, framed: bool = False) -> Environment:
    environment = Environment(
        loader=(_InFrames if framed else PackageLoader)("minkang.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations = _translations(language)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["when"] = wall_time
    environment.filters["day"] = _day
    environment.filters["ago"] = lambda moment: _ago(moment, translations)
    environment.globals["asset"] = asset
    environment.globals["languages"] = LANGUAGES
    environment.globals["roles"] = BY_KEY
    return environment


def _translations(language: str) -> gettext.NullTranslations:
    """Chinese stands in the templates; other languages come from their catalogue."""
    folder = resources.files("minkang.web") / "locale"
    return gettext.translation("messages", str(folder), [language], fallback=True)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a Chinese text that is translated where it is shown."""
    return text


def translate(language: str, text: str) -> str:
    """A Chinese text of this package in another language."""
    return _translations(language).gettext(text)


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language the visitor has chosen; Chinese at first."""
    chosen = request.cookies.get("minkang_language", "")
    return chosen if chosen in dict(LANGUAGES) else "zh-CN"


def is_simple(request: Request[Any, Any, Any]) -> bool:
    """Whether the visitor wants the simple pages (see `simple`)."""
    return request.cookies.get(SIMPLE, "") == "1"


def render(
    request: Request[Any, Any, Any],
    template: str,
    *,
    account: Account | None,
    demo: bool,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """A page or a part of one."""
    language, frame = language_of(request), frame_in(request.scope)
    content = (
        _environment(language, framed=frame is not None)
        .get_template(template)
        .render(
            account=account,
            lang=language,
            csrf_token=csrf_token({"request": request}),
            demo=demo,
            path=request.url.path,
            simple=is_simple(request),
            status=status,
            **({"frame": frame} if frame else {}),
            **context,
        )
    )
    if frame is not None:
        content = within(frame, content)
    # Personal data must not stay in a shared computer's cache.
    return Response(
        content,
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def wall_time(moment: datetime | None) -> str:
    """A time as pages show it, in China; nothing for none."""
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M") if moment else ""


def _day(moment: datetime | None) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d") if moment else ""


def _ago(moment: datetime | None, translations: gettext.NullTranslations) -> str:
    if moment is None:
        return ""
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    words = translations.gettext
    if seconds < 60:
        return words("刚刚")
    if seconds < 3600:
        return words("%(n)s 分钟前") % {"n": seconds // 60}
    if seconds < 86400:
        return words("%(n)s 小时前") % {"n": seconds // 3600}
    return words("%(n)s 天前") % {"n": seconds // 86400}
