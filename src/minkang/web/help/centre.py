"""Help texts of the information centre's pages, and of the population register."""

from collections.abc import Mapping
from typing import Final

from minkang.web.rendering import N_

WORDS: Final[Mapping[str, str]] = {
    "/centre/messages": N_(
        "各来源送来的消息，最新在上，自动刷新。点一条看原文、处理过程和出错原因；上面可以按来源、状态筛选。"
    ),
    "/centre/messages/{message}": N_(
        "一条消息从收到到入库的每一步。出错的写明位置和规则，改正后点“重放”。"
    ),
    "/centre/quarantine": N_(
        "没能入库的消息按原因归类。先解决最多的一类：改对照或请对方改正，再整类重放。"
    ),
    "/centre/alarms": N_("持续中的告警和已经结束的告警。点“认领”，别人就知道有人管了。"),
    "/centre/sources": N_(
        "每个来源是否正常、今天送了多少。沉默的排在前面。点名称看详情，“接入”新增一家医院。"
    ),
    "/centre/sources/new": N_(
        "按步骤接入一家医院：是谁、怎样送、发凭据、试运行、上线。中途可以离开，进度会保留。"
    ),
    "/centre/sources/{source}": N_(
        "一个来源的用量、设置、凭据。换发凭据后旧的立即失效，请先约好时间。"
    ),
    "/centre/sources/{source}/setup/who": N_(
        "填写机构、联系人和来源名称。联系人会在来源沉默时出现在告警里。"
    ),
    "/centre/sources/{source}/setup/how": N_("选择对方能用的接入方式：消息、前置库、文件或接口。"),
    "/centre/sources/{source}/setup/credentials": N_(
        "凭据只显示一次，请当面或用安全渠道交给对方。"
    ),
    "/centre/sources/{source}/setup/test": N_(
        "试运行：对方送测试数据，这里逐条说明对不对。试运行的数据不进档案。"
    ),
    "/centre/sources/{source}/setup/live": N_("上线前最后检查。上线后的数据进入居民档案。"),
    "/centre/sources/{source}/report": N_(
        "可以打印交给医院的接入报告：试运行里发现了什么、怎样改正。"
    ),
    "/centre/targets": N_("平台向外发送数据的对象。积压或出错的排在前面。"),
    "/centre/targets/{target}": N_("一个外发对象的积压和错误，可以重发。"),
    "/centre/codes": N_(
        "医院自编的代码等您对照到标准。用得多的排在前面；也可以下载表格，填好再导入。"
    ),
    "/centre/codes/one": N_(
        "给一个代码选标准代码。系统按名称相近给出建议，请核对单位和范围再确认。"
    ),
    "/centre/terminology": N_("平台使用的标准代码系统和值集，可以查代码。"),
    "/centre/terminology/system": N_("一个代码系统的内容，可以按名称或代码查找。"),
    "/centre/terminology/set": N_("一个值集包含哪些代码，用在哪里。"),
    "/centre/quality": N_("各来源按规则的合格率。点来源看扣分的规则和例子。"),
    "/centre/quality/{source}": N_("这个来源每条规则的合格率，点开看例子，发给对方改。"),
    "/centre/reconciliation": N_("医院报的数和平台收到的数逐日对账，不一致的标出来。"),
    "/centre/reconciliation/{source}/{day}": N_("这一天差在哪一类，可以请对方补送。"),
    "/centre/store": N_("资源库里有多少数据、分布在哪些类型和机构。"),
    "/centre/identity": N_("主索引的整体情况：多少登记、多少人、等多少核对。"),
    "/centre/identity/review": N_(
        "系统拿不准的一对对登记，按影响大小排好。点开左右对照，判断是不是同一人；拿不准可以暂缓。"
    ),
    "/centre/identity/review/second": N_("涉及敏感内容的合并要第二个人复核，不能复核自己的。"),
    "/centre/identity/review/{pair}": N_(
        "左右对照两个登记。按 1、2、3 选择决定。证件号默认遮住，查看会留下记录。"
    ),
    "/centre/identity/links": N_("查一个人名下有哪些登记。"),
    "/centre/identity/links/{person}": N_(
        "这个人的全部登记和历次决定。归错了可以拆开或撤销，一切可恢复。"
    ),
    "/population": N_("本区域人口：总数、年龄性别、出生死亡和迁移。可以选日期和地区。"),
    "/population/residents": N_("在人口登记里查一位居民。查询要有理由，会留下记录。"),
    "/population/residents/{patient}": N_("一位居民的登记：住址、户、家庭关系和变动。"),
    "/population/events": N_("出生、死亡、迁入、迁出的逐条变动。"),
    "/population/differences": N_("人口登记和就诊资料说法不同的地方，逐条核对谁对。"),
    "/population/differences/{difference_id}": N_("左右对照两边的说法，选哪边对，写明依据。"),
    "/region": N_(
        "全区域一眼看清：机构、居民、档案、今天的消息、覆盖率和质量。点地图或名称往下看，每个数字都能看到怎么算的。"
    ),
    "/region/{division}": N_("这个地区的机构、居民和档案情况，可以继续往下看到机构。"),
    "/region/institution/{institution}": N_(
        "一家机构的就诊、数据量和质量，只有汇总数字，没有个人信息。"
    ),
    "/region/definitions": N_("每个数字的算法、口径和来源。"),
}
