"""Words and masks that several pages share."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from minkang.identity import Resident
from minkang.web.rendering import N_

ZONE = ZoneInfo("Asia/Shanghai")

_SURNAMES_OF_TWO = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 独孤 端木 轩辕".split()
)


def masked_name(name: str) -> str:
    """张三丰 as 张**: the surname stays."""
    kept = 2 if name[:2] in _SURNAMES_OF_TWO else 1
    return name[:kept] + "*" * max(1, len(name) - kept) if name else "*"


def masked_number(number: str) -> str:
    """An ID number with the first four and the last four characters."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else ""


def grouped_code(code: str) -> str:
    """A health code in groups of four."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def age(birth_date: str, today: date) -> int | None:
    """Whole years; None if the birth date is unknown or partial."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def town(address: str) -> str:
    """The town of an address (up to 镇, 乡, 街道), else its beginning."""
    for mark in ("街道", "镇", "乡"):
        head, found, _ = address.partition(mark)
        if found:
            return head[-8:] + mark
    return address[:8]


class Who:
    """A resident's facts as pages show them."""

    def __init__(self, resident: Resident, now: datetime) -> None:
        self.name = resident.name
        self.name_masked = masked_name(resident.name)
        self.sex = resident.sex
        self.age = age(resident.birth_date, now.astimezone(ZONE).date())
        self.birth_date = resident.birth_date
        self.id_number_masked = masked_number(resident.id_number)
        self.code = grouped_code(resident.code)
        self.town = town(resident.address)
        self.family: list[dict[str, str]] = []


def action_words(action: str, say: Callable[[str], str]) -> str:
    """What was done, for the resident who reads it."""
    words = {
        "open-record": N_("查看健康档案"),
        "present-code": N_("核对电子健康码"),
        "see-who-looked": N_("查看访问记录"),
        "read-api": N_("通过接口读取档案"),
    }
    return say(words[action]) if action in words else action


def purpose_words(purpose: str, say: Callable[[str], str]) -> str:
    """Why, for the resident who reads it."""
    words = {
        "treatment": N_("诊疗"),
        "own-record": N_("本人查看"),
        "operations": N_("平台运行"),
        "none": "",
    }
    return say(words[purpose]) if words.get(purpose) else ""


def reason_words(reason: str, say: Callable[[str], str]) -> str:
    """Why something was refused, for the resident who reads it."""
    words = {
        "no-relation": N_("没有诊疗关系，未放行"),
        "not-own-record": N_("不是本人的档案，未放行"),
        "not-for-role": N_("该角色无权查看，未放行"),
        "no-log-in": N_("未登录，未放行"),
        "wrong-code": N_("电子健康码不符，未放行"),
        "too-many-codes": N_("多次输错电子健康码，未放行"),
        "no-institution": N_("账号没有所属机构，未放行"),
    }
    return say(words[reason]) if reason in words else say("未放行")
