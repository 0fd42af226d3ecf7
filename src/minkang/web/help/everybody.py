"""Help texts of pages that everybody has: the log-in, the own account."""

from collections.abc import Mapping
from typing import Final

from minkang.web.rendering import N_

WORDS: Final[Mapping[str, str]] = {
    "/": N_("打开后会带您到自己的首页。"),
    "/login": N_(
        "用账号和密码登录，居民用办理健康码时登记的账号。连续输错会暂时锁定，请找本单位信息科解锁。字太小可以点“长辈模式”。"
    ),
    "/login/second-factor": N_(
        "打开手机上的验证器应用，输入六位数字。手机不在身边时，可以用一个恢复码。"
    ),
    "/login/enrol": N_(
        "您的岗位要求二次验证：用手机验证器扫描二维码，再输入两次显示的数字。请把恢复码抄在纸上收好。"
    ),
    "/login/password": N_("第一次登录或密码到期时要换密码。长一点、好记、不在别处用过的最好。"),
    "/recover/{token}": N_("这个链接是管理员给您的，只能用一次。请设置新密码，然后重新登录。"),
    "/home": N_(
        "上面是现在要做的事，红色的先做，点一下就到；下面是您可以打开的页面。一人多岗时可以在这里切换岗位。"
    ),
    "/my/sessions": N_("这里列出您登录着的浏览器。有不认识的，请立即结束它并改密码。"),
    "/my/password": N_("先输入现在的密码，再输入两次新密码。改好后其他浏览器上的登录会结束。"),
    "/my/second-factor": N_("二次验证让别人知道密码也登录不了。换手机前请先在这里重新绑定。"),
    "/my/confirm": N_("接下来的操作很重要，请再次证明是您本人。十分钟内不会再问。"),
    "/my/apps": N_("这里列出可以代您读取数据的应用。不再用的请收回授权，立即生效。"),
    "/oauth/authorize": N_(
        "一个应用想读取您的数据。看清它是谁、要读什么，再决定同意还是拒绝；以后可以随时收回。"
    ),
    "/demo/sent/{control_id}": N_("演示用：看刚才发出的一条消息怎样一步步进入档案。"),
}
