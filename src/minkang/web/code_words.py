"""What states, steps, kinds of card and refusals of health codes are called on pages."""

from collections.abc import Mapping

from minkang.web.rendering import N_

STATES: Mapping[str, str] = {
    "issued": N_("正常"),
    "frozen": N_("已暂停"),
    "lost": N_("已挂失"),
    "revoked": N_("已注销"),
    "replaced": N_("已换发"),
}

KINDS: Mapping[int, str] = {1: N_("临时码"), 2: N_("正式码")}

STEPS: Mapping[str, str] = {
    "freeze": N_("暂停使用"),
    "resume": N_("恢复使用"),
    "lost": N_("挂失"),
    "reissue": N_("换发新码"),
    "revoke": N_("注销"),
}

DONE: Mapping[str, str] = {
    "issue": N_("健康码已领取。"),
    "freeze": N_("已暂停，任何地方扫码都不再有效。"),
    "resume": N_("已恢复使用。"),
    "lost": N_("已挂失。找回或换发请到任一医疗机构窗口。"),
    "reissue": N_("已换发新码，旧码作废。"),
    "revoke": N_("已注销。"),
    "bound": N_("卡证已绑定，扫描它即可找到这位居民。"),
    "claimed": N_("这张卡已绑定给另一位居民。已登记，须由另一位同事核对后决定。"),
    "unbound": N_("已解除绑定。"),
    "moved": N_("已改绑给后来登记的居民。"),
    "kept": N_("已维持原来的绑定。"),
}

CARDS: Mapping[str, str] = {
    "insurance": N_("医保码、社保卡"),
    "city": N_("城市码、市民卡"),
    "hospital": N_("本院就诊卡"),
    "passport": N_("护照"),
    "hk-macao": N_("港澳居民证件"),
    "taiwan": N_("台湾居民证件"),
    "foreigner": N_("外国人永久居留身份证"),
}

ERRORS: Mapping[str, str] = {
    "no-consent": N_("领取健康码前，须先同意共享健康档案。"),
    "already": N_("已经有健康码，如需更换请选「换发新码」。"),
    "none": N_("还没有健康码。"),
    "state": N_("健康码现在的状态不能这样操作。"),
    "desk-only": N_("挂失后，请带证件到任一医疗机构窗口恢复。"),
    "of-age": N_("满十四周岁以后，由本人决定。"),
    "no-patient": N_("平台上还没有这位居民的记录。"),
    "no-match": N_("没有与所填姓名和号码都相符的居民，请核对证件。"),
    "number": N_("请填写卡证号码（4 到 64 位字母或数字）。"),
    "kind": N_("请选择卡证种类。"),
    "bound": N_("这张卡已经绑定给这位居民。"),
    "claimed": N_("已登记过，等待另一位同事核对。"),
    "unknown": N_("没有这一条，或不归您处理。"),
    "second-look": N_("须由另一位同事核对。"),
    "decided": N_("已经有结论。"),
    "statement": N_("请先阅读全文并勾选同意。"),
    "seen": N_("请确认已核对卡证原件。"),
    "document": N_("请填写纸质同意书的编号（最多 64 字）。"),
    "evidence": N_("请确认居民本人已在纸质同意书上签字。"),
    "action": N_("请选择要办理的事项。"),
}

REFUSALS: Mapping[str, str] = {
    "stale-code": N_("码已过期或已经用过，请居民刷新后重新出示。"),
    "wrong-code": N_("这个码无效，请核对后重新扫描。"),
    "too-many-codes": N_("录入错误次数太多，请稍后再试。"),
}
