"""What the policy's keys are called on its pages."""

from collections.abc import Callable

from minkang.policy import Action
from minkang.web.rendering import N_

CONDITIONS = {
    "institution": N_("账号属于某机构"),
    "resident": N_("居民在平台上有数据"),
    "named": N_("指明了居民"),
    "own-person": N_("账号对应一位居民"),
    "self": N_("本人"),
    "visit": N_("近期在本机构就诊"),
    "contract": N_("与本机构签约（家庭医生）"),
    "referral": N_("向本机构转诊或会诊，尚未结束"),
    "call": N_("正由本站出车救治"),
    "code-presented": N_("居民出示过健康码"),
    "guardian": N_("监护人"),
    "glass": N_("已申明紧急情况"),
    "case": N_("法定传染病病例"),
    "consent": N_("居民同意共享"),
    "minor": N_("未满十八周岁"),
    "adolescent": N_("十四至十七周岁"),
    "young": N_("未满七周岁"),
    "open-base": N_("本机开放模式"),
    "code-fits": N_("健康码相符"),
    "file-kept": N_("健康档案由本机构管理"),
    "many-wrong-codes": N_("多次输错健康码"),
}
STATES = {
    "proposed": N_("待批准"),
    "in-force": N_("现行"),
    "past": N_("已被替代"),
    "rejected": N_("未批准"),
}
KINDS = {"shipped": N_("随版本发布"), "edit": N_("修改"), "rollback": N_("恢复旧版")}
EFFECTS = {"allow": N_("允许"), "mask": N_("脱敏后允许"), "deny": N_("拒绝")}
REFUSED = {
    "unknown": N_("没有这个版本。"),
    "reason-short": N_("请写明理由，至少四个字。"),
    "unchanged": N_("与现行版本相同，没有可提交的修改。"),
    "not-proposed": N_("这一版已经有人作出决定。"),
    "own-proposal": N_("须由另一位安全管理员批准，不能批准自己提交的修改。"),
    "outdated": N_("提交之后现行版本已变，请在新的现行版本上重新提交。"),
    "in-force": N_("这一版正在执行。"),
}
ACTIONS: tuple[Action, ...] = (
    "open-record",
    "read-api",
    "find-residents",
    "present-code",
    "break-glass",
    "export-api",
)
"""What can be tried out of a resident."""


def condition_words(conditions: tuple[str, ...], say: Callable[[str], str]) -> str:
    """Conditions in words, one after another."""
    return "、".join(say(CONDITIONS.get(one, one)) for one in conditions)
