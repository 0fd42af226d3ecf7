"""What is wrong with an organisation, a person, a post or a row of an import, in words."""

from collections.abc import Callable, Mapping
from typing import Final

from minkang.accounts.import_rows import LEVEL_NAMES
from minkang.accounts.organisation_kinds import KINDS
from minkang.accounts.roles import APART, BY_KEY
from minkang.web.rendering import N_

REASONS: Final[Mapping[str, str]] = {
    # organisations
    "organisation-id-unsuitable": N_("编号只能用字母、数字、连字符和点，最多 64 个字符"),
    "organisation-taken": N_("这个编号已经有机构在用"),
    "organisation-unknown": N_("没有这个机构"),
    "organisation-ended": N_("这个机构已经停用"),
    "organisation-needed": N_("这个角色必须在一个机构任职"),
    "organisation-has-parts": N_("它下面还有在用的机构、科室或团队"),
    "name-unsuitable": N_("请填写名称，不能有控制字符，也不要太长"),
    "kind-unknown": N_("没有这个类型"),
    "level-unfit": N_("这个类型不能放在这一层级"),
    "parent-needed": N_("科室和团队必须属于一个上级"),
    "parent-unknown": N_("没有这个上级机构，或它已经停用"),
    "parent-unfit": N_("这一层级不能放在所选的上级下面"),
    "cycle": N_("不能放到自己或自己的下级下面"),
    "parts-unfit": N_("它现有的下级不能放在这一层级下面"),
    "division-unsuitable": N_("行政区划代码应为 2、4、6、9 或 12 位数字"),
    "credit-code-unsuitable": N_("统一社会信用代码应为 18 位（GB 32100）"),
    "credit-code-taken": N_("这个统一社会信用代码已经属于另一机构"),
    # people and posts
    "login-unsuitable": N_("登录名应为 2 到 100 个字符，不能有空格"),
    "login-taken": N_("这个登录名已经有人在用"),
    "account-unknown": N_("没有这个账号"),
    "own-account": N_("不能改自己的账号和岗位，请另一位系统管理员来做"),
    "role-unknown": N_("没有这个角色"),
    "role-needed": N_("新账号必须有一个角色"),
    "role-of-machines": N_("这是程序使用的角色，不能给人"),
    "roles-apart": N_("三员分立：与此人的另一个角色不能兼任"),
    "operator-only": N_("三员的岗位只能由运维人员用命令行授予，以免一人造出第二个自己"),
    "person-needed": N_("居民账号要由居民本人登记，不能在这里建"),
    "post-held": N_("此人在这个机构已经有这个角色的岗位"),
    "post-unknown": N_("没有这个未结束的岗位"),
    "dates-unsuitable": N_("日期不合适：不能早于一年前，结束要在开始之后"),
    "text-unsuitable": N_("文字太长，或有控制字符"),
    "staff-code-unsuitable": N_("人员编号只能用字母、数字、连字符、斜线和点"),
    "staff-code-taken": N_("这个人员编号已经属于另一人"),
    "licence-unsuitable": N_("执业证书编码只能用字母、数字、连字符、斜线和点"),
    "licence-taken": N_("这个执业证书编码已经属于另一人"),
    "sex-unsuitable": N_("性别请填男或女"),
    "phone-unsuitable": N_("电话只能用数字、空格、连字符，可以加号开头"),
    "changed-meanwhile": N_("您打开表单以后，别人改了这些内容：还没有保存您的，请对照后再保存"),
    # rows of an import
    "empty": N_("必须填写"),
    "formula": N_("以 = + - @ 开头的内容会被表格软件当作公式，不接受"),
    "too-long": N_("内容太长"),
    "unknown-word": N_("这里没有这个说法，请从模板的列表中选"),
    "date": N_("日期请写成 2026-01-31"),
    "twice": N_("同一编号在表里出现了不止一次"),
    "columns": N_("第一行的列名不对：缺少必需的列，或有不认识的列"),
    "too-many": N_("行数太多，请分成几个文件"),
}
"""By the code of what is raised; the fix is in the sentence."""

LEVELS: Final[Mapping[str, str]] = {
    "province": N_("省级"),
    "city": N_("市级"),
    "county": N_("县区级"),
    "institution": N_("机构"),
    "department": N_("科室"),
    "team": N_("团队"),
}


def reason(code: str, say: Callable[[str], str]) -> str:
    """What a code means; one that is not known stands for itself."""
    return say(REASONS[code]) if code in REASONS else code


def refusal(code: str, detail: str, say: Callable[[str], str], lang: str) -> str:
    """A refusal with what it is about, if that helps."""
    words = reason(code, say)
    if code == "roles-apart" and detail in BY_KEY:
        return (
            f"{words}（{role_words(detail, lang)}）"
            if lang == "zh-CN"
            else (f"{words} ({role_words(detail, lang)})")
        )
    return words


def role_words(role: str, lang: str) -> str:
    """What a role is called."""
    if role not in BY_KEY:
        return role
    return BY_KEY[role].name_zh if lang == "zh-CN" else BY_KEY[role].name_en


def kind_words(kind: str, lang: str) -> str:
    """What a sort of organisation is called."""
    if kind not in KINDS:
        return kind
    return KINDS[kind].name_zh if lang == "zh-CN" else KINDS[kind].name_en


def apart_from(role: str) -> frozenset[str]:
    """Roles that nobody holds together with this one."""
    return frozenset(other for other in BY_KEY if any(rule.parts(role, other) for rule in APART))


def level_column(level: str) -> str:
    """What a level is called in a spreadsheet."""
    return next((name for name, key in LEVEL_NAMES.items() if key == level), level)
