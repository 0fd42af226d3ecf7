"""The simple pages for the old (适老化): larger type, larger buttons, one column, fewer things.

MIIT's rules for the web and for apps (适老化通用设计规范, 2021) and GB/T 37668-2019: type of 18 px
or more, lines 1.5 times as high, main buttons of 60 px or more, contrast of 4.5:1, nothing that
opens by itself. Offered at the log-in and on every page; kept in a cookie, and with the account so
that it is there in another browser after the log-in.
"""

from litestar import post
from litestar.response import Redirect

from minkang.accounts.simple_mode import keep_simple
from minkang.web.cookies import simple_cookie
from minkang.web.login import Form
from minkang.web.own_path import own_path
from minkang.web.parameters import VisitorParameter


@post("/simple")
async def simple(visitor: VisitorParameter, data: Form) -> Redirect:
    """Change to the simple pages, or back."""
    on = data.get("on", "") == "1"
    if visitor.account is not None:
        await keep_simple(visitor.web.store.pool, visitor.account.id, on=on, now=visitor.now)
    answer = Redirect(own_path(data.get("back", "")) or "/", status_code=303)
    answer.set_cookie(simple_cookie(on=on))
    return answer
