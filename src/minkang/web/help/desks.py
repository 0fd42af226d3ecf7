"""Help texts of administrators, auditors and supervisors."""

from collections.abc import Mapping
from typing import Final

from minkang.web.rendering import N_

WORDS: Final[Mapping[str, str]] = {
    "/administration/organisations": N_(
        "机构、科室和团队的树。先建机构，再建人员。停用的机构不会删除。"
    ),
    "/administration/organisations/new": N_("填写名称、类别、上级和机构代码。"),
    "/administration/organisations/{organisation}": N_(
        "一个机构的信息、下级和人员，可以修改或停用。"
    ),
    "/administration/people": N_(
        "按姓名、账号、角色、机构查找人员。点列名排序，可以导出当前列表。没有岗位的人登录不了。"
    ),
    "/administration/people/new": N_(
        "建立账号并给第一个岗位。初始密码只显示一次，第一次登录必须改。"
    ),
    "/administration/people/{account}": N_("一个人的资料、岗位和登录。离职时结束岗位并停用账号。"),
    "/administration/roles": N_("每个角色是做什么的，哪些角色不能由同一人兼任。"),
    "/administration/import": N_("下载模板，填好机构和人员，先检查再导入。有错会指出哪一行。"),
    "/administration/services": N_("程序使用的账号：有责任人、有期限。密钥只显示一次。"),
    "/administration/apps": N_("登记要接入的应用，由安全管理员审核后才能用。"),
    "/administration/apps/new": N_("写清应用做什么、由谁负责、要读哪些内容，越少越好。"),
    "/administration/apps/{app}": N_("一个应用的登记和状态，可以换密钥。"),
    "/security/log-ins": N_("输错密码太多被锁的账号和地址。核实本人后再解锁。"),
    "/security/policy": N_(
        "谁可以看什么，一条条写在这里，带法律依据。修改要另一人复核后生效，可以退回旧版。"
    ),
    "/security/policy/edit": N_("修改规则并写明理由。保存前会显示影响哪些人。"),
    "/security/policy/versions/{number}": N_(
        "一个版本改了什么、影响谁。您可以复核别人的修改，不能复核自己的。"
    ),
    "/security/policy/try": N_("选一个角色和一位居民，试算能不能看、为什么。不会打开任何档案。"),
    "/security/apps": N_("应用的申请和在用的应用。批准前看清它要读什么。"),
    "/security/apps/{app}": N_("一个应用的申请。批准、暂停都会留下记录。"),
    "/security/apps/{app}/frames": N_(
        "这个系统可以在自己的哪些页面里打开居民档案。来源要写完整；撤销后，已打开的页面在下一次操作时关闭。"
    ),
    "/security/keys": N_("加密密钥的状态。更换后新数据用新密钥，旧数据可以逐步重新加密。"),
    "/security/list": N_("逐条对照等级保护和密码应用要求，能自动检查的已经检查。"),
    "/glass": N_("医生紧急打开的档案，逐件判断是否正当。快到期的排在前面，可以先向医生提问。"),
    "/glass/{glass}": N_("这次紧急查阅的理由、看了什么、当时的关系。判断会告诉医生和居民。"),
    "/audit": N_(
        "查每一次查阅和操作：谁、何时、对谁、做了什么。条件越多越快；可以导出当前结果，导出也会留下记录。"
    ),
    "/audit/entry/{mark}": N_("一条审计记录的全部内容，以及它在链上的位置。"),
    "/audit/unusual": N_("值得看一眼的查阅：夜间、大量、同姓、离职后。不等于违规，请逐条核实。"),
    "/audit/verification": N_(
        "核验日志有没有被改动、删除或重排。每天夜里自动核验，也可以现在核验。"
    ),
    "/objections": N_("居民对查阅记录提出的异议。请在期限内答复，居民立即能看到。"),
}
