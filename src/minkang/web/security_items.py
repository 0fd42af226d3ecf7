"""The two lists, clause by clause: GB/T 22239-2019, 8.1, and GB/T 39786-2021, 8 (both level 3).

Titles of clauses, paraphrased; the standards' own texts are not copied. `checks` names what this
program can look at for a clause (see `security_checks`): an automatic test, or a setting. A clause
may have several, and whatever they find is never the whole of it; one without any is
organisational: it is listed so that nothing is forgotten, and nothing is claimed.
"""

import msgspec

LEVEL, CIPHER = "GB/T 22239-2019", "GB/T 39786-2021"


class Item(msgspec.Struct, frozen=True):
    """A clause: its number, title, and the names of checks."""

    standard: str
    clause: str
    zh: str
    en: str
    checks: tuple[str, ...] = ()


def _items(standard: str, text: str) -> tuple[Item, ...]:
    """Items of lines `clause | Chinese | English | checks`."""
    found = []
    for line in text.strip().splitlines():
        clause, zh, en, checks = (part.strip() for part in line.split("|"))
        found.append(Item(standard, clause, zh, en, tuple(checks.split())))
    return tuple(found)


ITEMS = _items(
    LEVEL,
    """
8.1.1 | 安全物理环境（8.1.1.1 至 8.1.1.10） | Physical environment (8.1.1.1 to 8.1.1.10) |
8.1.2.1 | 网络架构 | Network architecture | listens
8.1.2.2 | 通信传输 | Communication | tls-pages tls-mllp
8.1.2.3 | 可信验证 | Trusted verification (network) |
8.1.3.1 | 边界防护 | Border protection | listens
8.1.3.2 | 边界访问控制 | Access control at the border |
8.1.3.3 | 入侵防范（边界） | Intrusion prevention (border) |
8.1.3.4 | 恶意代码和垃圾邮件防范 | Malicious code and spam |
8.1.3.5 | 安全审计（边界） | Security audit (border) |
8.1.3.6 | 可信验证（边界） | Trusted verification (border) |
8.1.4.1 | 身份鉴别 | Identification | passwords second-factor sessions database-log-in
8.1.4.2 | 访问控制 | Access control | administrators
8.1.4.3 | 安全审计 | Security audit | audit-verified audit-grows clock
8.1.4.4 | 入侵防范 | Intrusion prevention | listens
8.1.4.5 | 恶意代码防范 | Malicious code |
8.1.4.6 | 可信验证 | Trusted verification |
8.1.4.7 | 数据完整性 | Integrity of data | algorithms durable
8.1.4.8 | 数据保密性 | Confidentiality of data | sealed key-files tls-pages
8.1.4.9 | 数据备份恢复 | Backup and recovery | backups archive
8.1.4.10 | 剩余信息保护 | Residual information | core-dumps
8.1.4.11 | 个人信息保护 | Personal information | sealed secrets
8.1.5.1 | 系统管理 | System administration | administrators
8.1.5.2 | 审计管理 | Audit administration | administrators
8.1.5.3 | 安全管理 | Security administration | administrators
8.1.5.4 | 集中管控 | Central control | clock
8.1.6 | 安全管理制度（8.1.6.1 至 8.1.6.4） | Management rules (8.1.6.1 to 8.1.6.4) |
8.1.7 | 安全管理机构（8.1.7.1 至 8.1.7.5） | Management organisation (8.1.7.1 to 8.1.7.5) |
8.1.8 | 安全管理人员（8.1.8.1 至 8.1.8.4） | Staff (8.1.8.1 to 8.1.8.4) |
8.1.9 | 安全建设管理（8.1.9.1 至 8.1.9.10） | Construction (8.1.9.1 to 8.1.9.10) |
8.1.10.1 | 环境、资产、介质、设备维护管理（至 8.1.10.4） | Environment, assets, media (to .4) |
8.1.10.5 | 漏洞和风险管理 | Vulnerabilities and risks |
8.1.10.6 | 网络和系统安全管理 | Network and system operation |
8.1.10.7 | 恶意代码防范管理 | Malicious code, rules |
8.1.10.8 | 配置管理 | Configuration | secrets
8.1.10.9 | 密码管理 | Use of cryptography | algorithms
8.1.10.10 | 变更管理 | Changes |
8.1.10.11 | 备份与恢复管理 | Backups, rules | backups
8.1.10.12 | 安全事件、应急预案、外包运维（至 8.1.10.14） | Incidents, outsourcing (to .14) |
""",
) + _items(
    CIPHER,
    """
8.1 | 物理和环境安全 | Physical environment |
8.2 a | 通信实体身份鉴别 | Authentication of the communicating parties | tls-pages tls-mllp
8.2 b | 通信数据完整性 | Integrity of what is transmitted | tls-pages tls-mllp
8.2 c | 通信过程重要数据机密性 | Confidentiality in transit | tls-pages tls-mllp national-tls
8.2 d | 网络边界访问控制信息完整性 | Integrity of border rules |
8.2 e | 安全接入认证 | Authentication of devices at access |
8.3 a | 登录设备用户身份鉴别 | Authentication at the servers |
8.3 b | 远程管理通道安全 | Channel of remote administration |
8.3 c | 系统资源访问控制信息完整性 | Integrity of access rules of the servers |
8.3 d | 重要信息资源安全标记完整性（设备） | Integrity of labels (servers) |
8.3 e | 日志记录完整性（设备） | Integrity of the servers' logs |
8.3 f | 重要可执行程序完整性、来源真实性 | Integrity and origin of programs |
8.4 a | 用户身份鉴别 | Authentication of users | second-factor national-log-in
8.4 b | 访问控制信息完整性 | Integrity of access rules | audit-verified
8.4 c | 重要信息资源安全标记完整性 | Integrity of labels | labels
8.4 d | 重要数据传输机密性 | Confidentiality in transit | tls-pages tls-mllp
8.4 e | 重要数据存储机密性 | Confidentiality at rest | sealed data-keys key-files
8.4 f | 重要数据传输完整性 | Integrity in transit | tls-pages tls-mllp
8.4 g | 重要数据存储完整性 | Integrity at rest | sealed audit-verified algorithms
8.4 h | 数据原发和接收行为不可否认性 | Non-repudiation | signed-checkpoints
8.5 | 管理制度 | Rules |
8.6 | 人员管理 | Staff |
8.7 | 建设运行 | Construction and operation |
8.8 | 应急处置 | Incidents |
""",
)
