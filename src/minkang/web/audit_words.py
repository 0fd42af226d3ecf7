"""Words of the audit administrator's pages: what was done, what a fault means, how it is shown."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from minkang.audit import Fault, Found
from minkang.web.rendering import N_
from minkang.web.wording import action_words, purpose_words

Say = Callable[[str], str]

ACTIONS: Final[dict[str, str]] = {
    "log-in": N_("登录"),
    "log-out": N_("退出登录"),
    "find-residents": N_("查找居民"),
    "list-residents": N_("列出居民"),
    "cross-reference": N_("对照主索引"),
    "open-record": N_("查看健康档案"),
    "open-glass": N_("紧急打开档案"),
    "write-record": N_("书写病历或随访"),
    "see-due": N_("查看应随访居民"),
    "write-note": N_("写入病历记录"),
    "write-form": N_("写入随访表"),
    "withdraw-note": N_("作废记录"),
    "break-glass": N_("申请紧急查阅"),
    "read-api": N_("通过接口读取"),
    "write-api": N_("通过接口写入"),
    "launch-record": N_("请求打开档案的链接"),
    "begin-launch": N_("医院系统请求打开档案"),
    "open-launch": N_("在医院系统里打开档案"),
    "allow-frames": N_("登记嵌入页面"),
    "end-frames": N_("撤销嵌入页面"),
    "read-audit": N_("查看审计日志"),
    "export-audit": N_("导出审计日志"),
    "verify-audit": N_("核验审计日志"),
    "archive-audit": N_("归档审计日志"),
    "create-account": N_("新建账号"),
    "give-post": N_("授予岗位"),
    "end-post": N_("结束岗位"),
    "issue-token": N_("签发令牌"),
    "export": N_("批量导出"),
    "backup": N_("备份"),
    "restore": N_("恢复"),
    "purge": N_("清除资料"),
    "manage-organisations": N_("管理机构"),
    "manage-people": N_("管理人员"),
    "manage-services": N_("管理服务账号"),
    "manage-apps": N_("登记接入应用"),
    "approve-apps": N_("批准接入应用"),
    "see-policy": N_("查看访问策略"),
    "propose-policy": N_("提出修改策略"),
    "approve-policy": N_("批准策略"),
    "reject-policy": N_("不批准策略"),
    "see-keys": N_("查看密钥"),
    "rotate-keys": N_("更换密钥"),
    "see-security": N_("安全自查"),
    "see-population": N_("查看人口数字"),
    "see-region": N_("查看区域数字"),
    "see-register": N_("查询人口登记"),
    "reconcile-register": N_("核对人口登记"),
    "list-files": N_("查看健康档案清单"),
    "see-file-rates": N_("查看建档率"),
    "see-home": N_("查看自己的岗位"),
    "manage-own-login": N_("管理自己的登录"),
    "watch-messages": N_("查看消息和来源"),
    "read-message": N_("查看消息原文"),
    "replay-messages": N_("重放消息"),
    "acknowledge-alarms": N_("认领告警"),
    "manage-sources": N_("管理数据来源"),
    "manage-targets": N_("管理外发"),
    "see-quality": N_("查看数据质量"),
    "map-codes": N_("对照编码"),
    "read-terminology": N_("查看术语"),
    "send-demo-message": N_("发送演示消息"),
    "send-to-target": N_("外发数据"),
    "answer-objections": N_("查看居民异议"),
    "confirm-guardian": N_("查看监护关系申请"),
    "create-organisation": N_("新建机构"),
    "change-organisation": N_("修改机构"),
    "request-app": N_("申请接入应用"),
    "change-app": N_("修改接入应用"),
    "approve-app": N_("批准接入应用"),
    "suspend-app": N_("停用接入应用"),
    "give-app-secret": N_("签发应用口令"),
    "authorize-app": N_("授权应用"),
    "end-app-grant": N_("收回应用授权"),
    "revoke-token": N_("收回令牌"),
    "create-service": N_("新建服务账号"),
    "rotate-service": N_("更换服务账号的口令"),
    "end-service": N_("结束服务账号"),
    "set-password": N_("设置密码"),
    "second-factor": N_("第二因素登录"),
    "enrol-second-factor": N_("启用第二因素"),
    "remove-second-factor": N_("移除第二因素"),
    "recover-account": N_("恢复账号"),
    "end-sessions": N_("结束登录会话"),
    "unlock-logins": N_("查看登录锁定"),
    "unlock-login": N_("解锁账号"),
    "unlock-address": N_("解锁地址"),
    "link-identity": N_("绑定统一身份"),
    "export-api": N_("通过接口批量导出"),
    "promote": N_("启用备机"),
}
"""What can be chosen in the search; others are found by typing their code."""

FAULTS: Final[dict[str, str]] = {
    "changed": N_("记录被改动、插入或移动"),
    "removed": N_("链中间的记录缺失"),
    "duplicated": N_("同一位置有两条记录"),
    "cut": N_("链尾被截断"),
    "missing": N_("整条链缺失"),
    "checkpoint": N_("检查点被改动或缺失"),
    "signature": N_("签名缺失或不正确"),
    "archive": N_("归档被改动或缺失"),
    "index": N_("按居民查找的索引不一致"),
    "file": N_("数据库之外的见证文件被改动"),
}


def shown_action(action: str, say: Say) -> str:
    """An action in words; its code where there are none."""
    return say(ACTIONS[action]) if action in ACTIONS else action_words(action, say)


def shown_entry(one: Found, names: Mapping[str, str], say: Say) -> dict[str, Any]:
    """An entry as the list shows it."""
    return {
        "mark": one.mark,
        "href": f"/audit/entry/{one.mark}",
        "at": one.at,
        "who": one.account_name or (say(N_("平台管理命令")) if one.allowed else say(N_("未登录"))),
        "account": one.account,
        "role": one.role,
        "institution": names.get(one.organisation or "", one.organisation or ""),
        "what": shown_action(one.action, say),
        "purpose": purpose_words(one.purpose, say),
        "object": f"{one.object_type} {one.object_id}".strip(),
        "persons": len(one.named),
        "allowed": one.allowed,
        "glass": one.purpose == "emergency",
        "reason": one.reason,
    }


def shown_fault(fault: Fault, say: Say) -> dict[str, Any]:
    """A fault as the page of the verification shows it."""
    return {
        "what": say(FAULTS[fault.kind]),
        "writer": str(fault.writer) if fault.writer else "",
        "seq": fault.seq,
        "text": fault.text,
    }
