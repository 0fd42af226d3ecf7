"""Words and masks that several pages share."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from minkang.identity import Resident
from minkang.policy.mask import masked_name, masked_number
from minkang.web.rendering import N_

ZONE = ZoneInfo("Asia/Shanghai")


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
        "write-record": N_("书写病历或随访"),
        "see-due": N_("查看应随访居民"),
        "write-note": N_("写入病历记录"),
        "write-form": N_("写入随访表"),
        "withdraw-note": N_("作废记录"),
        "present-code": N_("核对电子健康码"),
        "scan-code": N_("扫描健康码或卡证"),
        "keep-code": N_("查看健康码"),
        "manage-codes": N_("办理健康码"),
        "issue-code": N_("领取健康码"),
        "freeze-code": N_("暂停健康码"),
        "resume-code": N_("恢复健康码"),
        "lost-code": N_("挂失健康码"),
        "reissue-code": N_("换发健康码"),
        "revoke-code": N_("注销健康码"),
        "bind-card": N_("绑定卡证"),
        "unbind-card": N_("解除绑定卡证"),
        "claim-card": N_("登记已绑定给他人的卡证"),
        "decide-card": N_("核对一卡两人"),
        "see-who-looked": N_("查看访问记录"),
        "read-api": N_("通过接口读取档案"),
        "list-residents": N_("出现在居民列表中"),
        "break-glass": N_("申请紧急查阅"),
        "try-policy": N_("试算访问权限"),
        "open-glass": N_("紧急打开档案"),
        "review-glass": N_("复核紧急查阅"),
        "answer-glass": N_("说明紧急查阅"),
        "give-consent": N_("同意共享"),
        "narrow-consent": N_("限定共享范围"),
        "withdraw-consent": N_("撤回共享同意"),
        "witness-consent": N_("登记纸质同意书"),
        "confirm-topics": N_("另行同意敏感内容"),
        "manage-family": N_("查看家人"),
        "ask-guardian": N_("申请监护关系"),
        "decide-guardian": N_("核对监护关系"),
        "end-guardian": N_("结束监护关系"),
        "object-to-look": N_("提出异议"),
        "answer-objection": N_("答复异议"),
        "review-links": N_("核对登记是否为同一人"),
        "decide-links": N_("处理登记的归属"),
        "show-numbers": N_("查看完整证件号码"),
        "put-off-link": N_("暂缓核对登记"),
        "decide-link": N_("决定登记是否为同一人"),
        "approve-link": N_("复核登记的归属"),
        "refuse-link": N_("未同意登记的归属"),
        "revoke-link": N_("撤销登记归属的决定"),
        "begin-launch": N_("医院系统请求打开档案"),
        "open-launch": N_("在医院系统里打开档案"),
        "see-register": N_("查询人口登记"),
        "reconcile-register": N_("核对人口登记"),
        "keep-file": N_("查看建档信息"),
        "own-file": N_("查看自己的建档信息"),
        "file-asked": N_("在线申请建档"),
        "file-opened": N_("建立健康档案"),
        "file-refused": N_("未予建档"),
        "file-changed": N_("更新健康档案"),
        "file-checked": N_("核对健康档案"),
        "file-transferred": N_("迁移健康档案"),
        "file-closed": N_("健康档案结案"),
        "file-reopened": N_("重新启用健康档案"),
        "ask-correction": N_("申请更正"),
        "withdraw-correction": N_("撤回更正申请"),
        "forward-correction": N_("更正申请转原机构"),
        "answer-correction": N_("答复更正申请"),
        "answer-corrections": N_("查看更正申请"),
    }
    return say(words[action]) if action in words else action


def purpose_words(purpose: str, say: Callable[[str], str]) -> str:
    """Why, for the resident who reads it."""
    words = {
        "treatment": N_("诊疗"),
        "public-health": N_("公共卫生"),
        "management": N_("管理"),
        "supervision": N_("监督"),
        "research": N_("科研"),
        "own-record": N_("本人查看"),
        "emergency": N_("紧急"),
        "operations": N_("平台运行"),
        "administration": N_("平台管理"),
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
        "stale-code": N_("健康码已过期或已用过，未放行"),
        "not-for-apps": N_("应用不能代为扫码，未放行"),
        "too-many-codes": N_("多次输错电子健康码，未放行"),
        "no-institution": N_("账号没有所属机构，未放行"),
        "no-consent": N_("居民未同意共享，未放行"),
        "nothing-open": N_("居民没有开放可看的记录，未放行"),
        "no-reason": N_("没有写明紧急理由，未放行"),
        "of-age": N_("由本人决定，未放行"),
        "no-resident": N_("没有此居民，未放行"),
        "unknown-role": N_("角色未知，未放行"),
    }
    return say(words[reason]) if reason in words else say("未放行")
