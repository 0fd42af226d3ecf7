"""Full bodies of documents of operations, deliveries and stays: every data element at least once.

C0009, C0015, C0016, C0020, C0034, C0045, C0049, C0050. Sections, data elements and their order are
those of WS/T 500-2016; what is written in them is made up.
"""

from copy import deepcopy
from typing import Final, TypeAlias

from tests.exchange.cda_samples import (
    V3,
    Node,
    between,
    code,
    coded,
    document,
    element,
    named,
    number,
    organizer,
    related,
    section,
    set_all,
    text,
    when,
)

Row: TypeAlias = tuple[str, ...]
"""Data element, label, type, value; of a PQ its unit, of a CD its name and table."""

WARD: Final = (("12", "ZY001"), ("19", "NA"))


def value_of(kind: str, value: str, *more: str) -> str:
    """A value of one of the types of the schemas."""
    if kind == "ST":
        return text(value)
    if kind == "CD":
        return coded(value, more[0], more[1])
    return number(kind, value, **({"unit": more[0]} if more else {}))


def row(one: Row, *nested: Row | str, **more: str) -> str:
    """A data element with what is nested in it."""
    inner = [each if isinstance(each, str) else row(each) for each in nested]
    return element(one[0], one[1], value_of(*one[2:]), *inner, **more)


def rows(*several: Row) -> tuple[str, ...]:
    """Data elements beside each other."""
    return tuple(row(one) for one in several)


def pressure(high: str, low: str, name: str = "") -> str:
    """Both numbers of a blood pressure."""
    head = f'<code displayName="{name}"/>' if name else ""
    return organizer(
        *rows(
            ("DE04.10.174.00", "收缩压", "PQ", high, "mmHg"),
            ("DE04.10.176.00", "舒张压", "PQ", low, "mmHg"),
        ),
        code=head,
    )


def signed(root: Node, *roles: tuple[str, str], time: str = "") -> None:
    """Let several people sign, each in a role; `time` as text or attribute, as the kind has it."""
    first = root.find(f"{{{V3}}}authenticator")
    parent, at = first.getparent(), first.getparent().index(first)
    for offset, (role, name) in enumerate(roles):
        one = deepcopy(first)
        set_all(one, "h:assignedEntity/h:code/@displayName", role)
        set_all(one, "h:assignedEntity/h:id/@extension", "NA")
        set_all(one, "h:assignedEntity/h:assignedPerson/h:name", name)
        moment = one.find(f"{{{V3}}}time")
        if time and moment.get("value") is not None:
            moment.set("value", time)
        elif time:
            moment.text = time
        parent.insert(at + offset, one)
    parent.remove(first)


# -- C0009 --------------------------------------------------------------------------------------

_DOCTOR = '<id root="2.16.156.10011.1.4" extension="{}"/>'


def assistant(role: str, name: str, number: str = "NA") -> str:
    """Somebody else at an operation."""
    return (
        '<participant typeCode="ATND"><participantRole classCode="ASSIGNED">'
        f'{_DOCTOR.format(number)}<code displayName="{role}"/>'
        '<playingEntity classCode="PSN" determinerCode="INSTANCE">'
        f"<name>{name}</name></playingEntity></participantRole></participant>"
    )


SURGERY: Final = (
    section("11348-0", row(("DE02.10.062.00", "手术史标志", "BL", "true"))),
    section(
        "10219-4",
        row(("DE05.01.024.00", "术前诊断编码", "CD", "K35.800", "急性阑尾炎", "2.3.3.11")),
    ),
    section(
        "47519-4",
        '<procedure classCode="PROC" moodCode="EVN">'
        + code("code", "47.0100", "腹腔镜下阑尾切除术", "2.3.3.12")
        + between("20260502093000", "20260502104500")
        + f"<performer typeCode='PPRF'><assignedEntity>{_DOCTOR.format('D02')}<assignedPerson>"
        "<name>李伟</name></assignedPerson></assignedEntity></performer>"
        + assistant("Ⅰ助", "赵敏", "D03")
        + assistant("Ⅱ助", "钱进")
        + assistant("器械护士", "孙丽")
        + assistant("巡台护士", "周洁")
        + related(
            *rows(
                ("DE06.00.094.00", "手术（操作）名称", "ST", "阑尾切除"),
                ("DE06.00.256.00", "患者实施手术所在的手术室编号", "ST", "3号手术间"),
                ("DE06.00.255.00", "手术级别", "CD", "2", "二级手术", "2.3.1.258"),
            )
        )
        + "</procedure>",
    ),
    section("55103-6", row(("DE06.00.097.00", "出血量（mL）", "PQ", "85", "mL"))),
    section(
        "56836-0",
        *rows(
            ("DE06.00.267.00", "输血量（mL）", "PQ", "210", "mL"),
            ("DE06.00.264.00", "输血反应标志", "BL", "false"),
        ),
    ),
    section(
        "10213-7",
        row(
            ("DE06.00.073.00", "麻醉方式代码", "CD", "11", "吸入麻醉", "2.3.1.159"),
            after="<performer><assignedEntity><id/><assignedPerson><name>吴静</name>"
            "</assignedPerson></assignedEntity></performer>",
        ),
    ),
    section(
        "10160-0",
        row(
            ("DE06.00.136.00", "术前用药", "ST", "阿托品0.5mg"),
            qualifier="术前用药",
        ),
        row(("DE06.00.136.00", "术中用药", "ST", "头孢呋辛1.5g")),
    ),
    section("10216-0", row(("DE06.00.268.00", "输液量（mL）", "PQ", "1250", "mL"))),
    section(
        "10218-6",
        row(("DE05.01.024.00", "术后诊断编码", "CD", "K35.300", "急性化脓性阑尾炎", "2.3.3.11")),
    ),
    section(
        "8724-7",
        row(
            ("DE05.10.063.00", "手术过程描述", "ST", "脐下置镜，游离阑尾系膜后切除"),
            ("DE06.00.187.00", "手术目标部位名称", "ST", "阑尾"),
            ("DE08.50.037.00", "介入物名称", "ST", "钛夹"),
            ("DE06.00.260.00", "手术体位代码", "CD", "1", "仰卧位", "2.3.1.262"),
            ("DE08.50.057.00", "皮肤消毒描述", "ST", "碘伏三遍"),
            ("DE06.00.321.00", "手术切口描述", "ST", "三孔"),
            ("DE05.10.165.00", "引流标志", "BL", "true"),
        ),
    ),
    section(
        "11537-8",
        row(
            ("DE05.10.165.00", "引流标志", "BL", "true"),
            ("DE08.50.044.00", "引流材料名称", "ST", "硅胶管"),
            ("DE08.50.045.00", "引流材料数目", "ST", "壹根"),
            ("DE06.00.341.00", "放置部位", "ST", "盆腔"),
        ),
    ),
)

# -- C0015, C0016 -------------------------------------------------------------------------------

NEWBORN: Final = section(
    "57075-4",
    *rows(
        ("DE02.01.040.00", "新生儿性别代码", "CD", "2", "女性", "2.3.3.4"),
        ("DE04.10.019.00", "新生儿出生体重（g）", "PQ", "3250", "g"),
        ("DE04.10.018.00", "新生儿出生身长（cm）", "PQ", "50.5", "cm"),
        ("DE05.10.168.00", "产瘤大小", "ST", "2cm×2cm"),
        ("DE05.10.167.00", "产瘤部位", "ST", "枕部"),
    ),
)


def apgar(*scores: tuple[str, str, str]) -> str:
    """The scores of a newborn (code and name of the interval, score), and how it was found."""
    entries: list[str] = []
    for at, name, score in scores:
        entries += rows(
            ("DE06.00.215.00", "Apgar评分间隔时间代码", "CD", at, name, "2.3.2.48"),
            ("DE05.10.001.00", "Apgar评分值", "INT", score),
        )
    entries += rows(
        ("DE06.00.026.00", "分娩结局代码", "CD", "1", "活产", "2.3.2.49"),
        ("DE05.10.160.00", "新生儿异常情况代码", "CD", "9", "其他异常", "2.3.1.254"),
    )
    return section("51848-0", *entries)


WELL: Final = ("DE06.00.026.00", "分娩结局代码", "CD", "1", "活产", "2.3.2.49")

SCORES: Final = (("1", "1分钟", "9"), ("2", "5分钟", "10"), ("3", "10分钟", "8"))

AFTERWARDS: Final = (
    *rows(
        ("DE05.10.007.00", "产后诊断", "ST", "孕39周经产头位顺产"),
        ("DE06.00.218.00", "产后观察日期时间", "TS", "20260502143000"),
        ("DE04.10.246.00", "产后检查时间（min）", "PQ", "120", "min"),
    ),
    pressure("118", "76"),
    *rows(
        ("DE04.10.118.00", "产后脉搏（次/min）", "PQ", "84", "次/min"),
        ("DE04.10.206.00", "产后心率（次/min）", "PQ", "86", "次/min"),
        ("DE04.10.012.00", "产后出血量（mL）", "PQ", "190", "mL"),
        ("DE04.10.245.00", "产后宫缩", "ST", "宫缩良好"),
        ("DE04.10.067.00", "产后宫底高度（cm）", "PQ", "17.5", "cm"),
    ),
)

VAGINAL: Final = (
    section(
        "11348-0",
        *rows(
            ("DE04.01.108.00", "孕次", "INT", "3"),
            ("DE02.10.002.00", "产次", "INT", "2"),
        ),
    ),
    section(
        "57074-7",
        *rows(
            ("DE02.10.051.00", "末次月经日期", "TS", "20250801"),
            ("DE05.10.098.00", "预产期", "TS", "20260508"),
            ("DE06.00.224.00", "临产日期时间", "TS", "20260502030000"),
            ("DE05.10.154.00", "胎膜破裂日期时间", "TS", "20260502061000"),
            ("DE04.30.058.00", "前羊水性状", "ST", "前羊水清"),
            ("DE04.30.057.00", "前羊水量（mL）", "PQ", "55", "mL"),
            ("DE04.10.250.00", "宫缩开始日期时间", "TS", "20260502031500"),
            ("DE06.00.021.00", "第1产程时长（min）", "PQ", "485", "min"),
            ("DE04.10.250.00", "宫口开全日期时间", "TS", "20260502110500"),
            ("DE06.00.019.00", "第2产程时长（min）", "PQ", "47", "min"),
            ("DE02.01.014.00", "胎儿娩出日期时间", "TS", "20260502115200"),
            ("DE06.00.020.00", "第3产程时长（min）", "PQ", "8", "min"),
            ("DE06.00.273.00", "胎盘娩出日期时间", "TS", "20260502120000"),
            ("DE04.10.236.00", "总产程时长（min）", "PQ", "540", "min"),
            ("DE05.01.044.00", "胎方位代码", "CD", "01", "左枕前（LOA）", "2.3.1.106"),
            ("DE06.00.311.00", "胎儿娩出助产标志", "BL", "true"),
            ("DE06.00.312.00", "助产方式", "ST", "会阴保护"),
            ("DE05.10.157.00", "胎盘娩出情况", "ST", "自然娩出"),
            ("DE05.10.156.00", "胎膜完整情况标志", "BL", "true"),
            ("DE04.30.063.00", "羊水性状", "ST", "羊水Ⅰ度"),
            ("DE04.30.061.00", "羊水量（mL）", "PQ", "620", "mL"),
            ("DE04.30.055.00", "脐带长度（cm）", "PQ", "52", "cm"),
            ("DE04.30.059.00", "绕颈身（周）", "PQ", "1", "周"),
            ("DE05.10.145.00", "脐带异常情况标志", "BL", "false"),
            ("DE08.50.022.00", "产时用药", "ST", "缩宫素10单位"),
            ("DE06.00.295.00", "预防措施", "ST", "产时保暖"),
            ("DE05.10.165.00", "产妇会阴切开标志", "BL", "true"),
            ("DE04.10.252.00", "会阴切开位置", "ST", "左侧切"),
            ("DE06.00.011.00", "产妇会阴缝合针数", "INT", "4"),
            ("DE05.01.003.00", "产妇会阴裂伤程度代码", "CD", "2", "Ⅰ度裂伤", "2.3.1.109"),
            ("DE04.10.253.00", "会阴血肿标志", "BL", "true"),
            ("DE04.10.254.00", "会阴血肿大小", "ST", "1cm×1cm"),
            ("DE06.00.213.00", "会阴血肿处理", "ST", "冷敷"),
            ("DE06.00.073.00", "麻醉方法代码", "CD", "31", "局部麻醉", "2.3.1.159"),
            ("DE08.50.022.00", "麻醉药物名称", "ST", "利多卡因"),
            ("DE05.10.163.00", "阴道裂伤标志", "BL", "false"),
            ("DE05.10.164.00", "阴道血肿标志", "BL", "false"),
            ("DE04.10.249.00", "宫颈裂伤标志", "BL", "false"),
            ("DE06.00.200.00", "宫颈缝合情况", "ST", "未缝合"),
            ("DE08.50.022.00", "产后用药", "ST", "益母草颗粒"),
            ("DE06.00.182.00", "分娩过程摘要", "ST", "产程顺利"),
            ("DE04.10.245.00", "宫缩情况", "ST", "规律宫缩"),
            ("DE04.10.233.00", "子宫情况", "ST", "子宫收缩好"),
            ("DE04.10.025.00", "恶露状况", "ST", "恶露量少"),
            ("DE05.10.137.00", "会阴情况", "ST", "会阴轻度水肿"),
            ("DE06.00.284.00", "修补手术过程", "ST", "可吸收线缝合"),
            ("DE04.50.138.00", "存脐带血情况标志", "BL", "false"),
        ),
    ),
    section(
        "57076-2",
        *AFTERWARDS,
        *rows(
            ("DE04.10.257.00", "产后膀胱充盈标志", "BL", "false"),
            ("DE04.10.240.00", "肛查", "ST", "肛查无异常"),
        ),
    ),
    NEWBORN,
    apgar(*SCORES),
)

CAESAREAN: Final = (
    section(
        "47519-4",
        *rows(
            ("DE06.00.197.00", "待产日期时间", "TS", "20260501200000"),
            ("DE05.10.156.00", "胎膜完整情况标志", "BL", "true"),
            ("DE04.30.055.00", "脐带长度（cm）", "PQ", "48", "cm"),
            ("DE04.30.059.00", "绕颈身（周）", "PQ", "2", "周"),
            ("DE05.10.109.00", "产前诊断", "ST", "孕40周头盆不称"),
            ("DE06.00.340.00", "手术指征", "ST", "相对头盆不称"),
        ),
        '<procedure classCode="PROC" moodCode="EVN"><code>74.1x01</code></procedure>',
        *rows(
            ("DE06.00.221.00", "手术开始日期时间", "TS", "20260502090500"),
            ("DE06.00.073.00", "麻醉方法代码", "CD", "21", "椎管内麻醉", "2.3.1.159"),
            ("DE04.10.260.00", "麻醉体位", "ST", "左侧卧位"),
            ("DE06.00.253.00", "麻醉效果", "ST", "麻醉满意"),
            ("DE05.10.063.00", "剖宫产手术过程", "ST", "子宫下段横切口取胎"),
            ("DE04.10.233.00", "子宫情况", "ST", "子宫下段形成好"),
            ("DE05.01.044.00", "胎方位代码", "CD", "02", "右枕前（ROA）", "2.3.1.106"),
            ("DE05.10.173.00", "胎儿娩出方式", "ST", "手取胎头"),
        ),
        row(("DE05.10.153.00", "胎盘黄染", "ST", "胎盘未见黄染"), qualifier="胎盘黄染"),
        row(("DE05.10.153.00", "胎膜黄染", "ST", "胎膜轻度黄染"), qualifier="胎膜黄染"),
        *rows(
            ("DE04.30.054.00", "脐带缠绕情况", "ST", "脐带绕颈两周"),
            ("DE04.30.056.00", "脐带扭转（周）", "PQ", "3", "周"),
            ("DE04.50.138.00", "存脐带血情况标志", "BL", "true"),
            ("DE06.00.200.00", "子宫壁缝合情况", "ST", "双层连续缝合"),
            ("DE08.50.022.00", "宫缩剂名称", "ST", "卡前列素"),
            ("DE06.00.136.00", "宫缩剂使用方法", "ST", "宫体注射"),
            ("DE08.50.022.00", "手术用药", "ST", "头孢唑林"),
            ("DE06.00.293.00", "手术用药量", "ST", "2g静滴"),
            ("DE04.10.233.00", "腹腔探查子宫", "ST", "子宫外形正常"),
            ("DE04.10.042.00", "腹腔探查附件", "ST", "双附件正常"),
            ("DE04.30.053.00", "宫腔探查异常情况标志", "BL", "false"),
            ("DE05.10.166.00", "宫腔探查肌瘤标志", "BL", "false"),
            ("DE04.30.052.00", "宫腔探查处理情况", "ST", "清理宫腔"),
            ("DE05.10.134.00", "手术时产妇情况", "ST", "术中平稳"),
            ("DE06.00.097.00", "出血量（mL）", "PQ", "310", "mL"),
            ("DE06.00.262.00", "输血成分", "ST", "红细胞悬液"),
            ("DE06.00.267.00", "输血量（mL）", "PQ", "400", "mL"),
            ("DE06.00.268.00", "输液量（mL）", "PQ", "1500", "mL"),
            ("DE06.00.318.00", "供氧时间（min）", "PQ", "62", "min"),
            ("DE08.50.022.00", "其他用药", "ST", "维生素K1"),
            ("DE06.00.179.00", "其他情况", "ST", "尿色清"),
            ("DE06.00.218.00", "手术结束日期时间", "TS", "20260502100700"),
            ("DE06.00.259.00", "手术全程时间（min）", "PQ", "63", "min"),
        ),
    ),
    section("57076-2", *AFTERWARDS),
    NEWBORN,
    apgar(*SCORES),
)

# -- C0020 --------------------------------------------------------------------------------------

MEASURED: Final = (
    section(
        "29548-5",
        row(("DE05.01.024.00", "疾病诊断编码", "CD", "J18.900", "肺炎", "2.3.3.11")),
    ),
    section(
        "8716-3",
        row(
            ("DE04.10.081.00", "呼吸频率（次/min）", "PQ", "22", "次/min"),
            ("DE06.00.239.00", "使用呼吸机标志", "BL", "false"),
        ),
        *rows(
            ("DE04.10.118.00", "脉率（次/min）", "PQ", "96", "次/min"),
            ("DE04.10.206.00", "起搏器心率（次/min）", "PQ", "70", "次/min"),
            ("DE04.10.186.00", "体温（℃）", "PQ", "38.6", "℃"),
        ),
        pressure("132", "84"),
        *rows(
            ("DE04.10.188.00", "体重（kg）", "PQ", "64.50", "kg"),
            ("DE04.10.052.00", "腹围（cm）", "PQ", "88", "cm"),
        ),
    ),
    named(
        "护理观察",
        row(
            ("DE02.10.031.00", "护理观察项目名称", "ST", "痰液"),
            ("DE02.10.028.00", "护理观察结果", "ST", "黄色黏痰"),
        ),
        row(
            ("DE02.10.031.00", "护理观察项目名称", "ST", "皮肤"),
            ("DE02.10.028.00", "护理观察结果", "ST", "完整"),
        ),
    ),
)

# -- C0034 --------------------------------------------------------------------------------------


def stated(what: str, date: str, code: str, name: str, rank: str) -> str:
    """A diagnosis of western medicine of C0034."""
    return row(
        ("DE05.01.025.00", f"{what}-西医诊断名称", "ST", name),
        ("DE05.01.024.00", f"{what}-西医诊断编码", "CD", code, name, "2.3.3.11"),
        ("DE05.01.080.00", "入院诊断顺位", "INT", rank),
        before=when(date),
    )


def stated_chinese(what: str, date: str, rank: str) -> str:
    """A diagnosis of Chinese medicine of C0034: disease and syndrome in one."""
    return row(
        ("DE05.10.172.00", f"{what}-中医病名名称", "ST", "胃脘痛"),
        ("DE05.10.130.00", f"{what}-中医病名代码", "CD", "BNP010", "胃脘痛病", "2.3.3.14"),
        ("DE05.10.172.00", f"{what}-中医证候名称", "ST", "肝胃不和"),
        ("DE05.10.130.00", f"{what}-中医证候代码", "CD", "ZZGV10", "肝胃不和证", "2.3.3.14"),
        ("DE05.01.080.00", "入院诊断顺位", "INT", rank),
        before=when(date),
    )


ADMISSION: Final = (
    section("10154-3", row(("DE04.01.119.00", "主诉", "ST", "上腹痛两天"))),
    section("10164-2", row(("DE02.10.071.00", "现病史", "ST", "两天前饱餐后发作"))),
    section(
        "11348-0",
        row(
            ("DE05.10.031.00", "一般健康状况标志", "BL", "true"),
            ("DE02.10.026.00", "疾病史(含外伤)", "ST", "十年前车祸骨折"),
        ),
        row(
            ("DE05.10.119.00", "患者传染性标志", "BL", "false"),
            ("DE02.10.008.00", "传染病史", "ST", "幼时患麻疹"),
        ),
        *rows(
            ("DE02.10.098.00", "婚育史", "ST", "已婚育一子"),
            ("DE02.10.022.00", "过敏史", "ST", "青霉素皮疹"),
            ("DE02.10.061.00", "手术史", "ST", "扁桃体切除"),
        ),
    ),
    section("11369-6", row(("DE02.10.101.00", "预防接种史", "ST", "按程序接种"))),
    section("56836-0", row(("DE02.10.100.00", "输血史", "ST", "否认输血史"))),
    section("29762-2", row(("DE02.10.097.00", "个人史", "ST", "吸烟二十年"))),
    section("49033-4", row(("DE02.10.102.00", "月经史", "ST", "不适用于男性"))),
    section("10157-6", row(("DE02.10.103.00", "家族史", "ST", "父患胃溃疡"))),
    section(
        "8716-3",
        *rows(
            ("DE04.10.186.00", "体温（℃）", "PQ", "37.2", "℃"),
            ("DE04.10.118.00", "脉率（次/min）", "PQ", "88", "次/min"),
            ("DE04.10.082.00", "呼吸频率（次/min）", "PQ", "19", "次/min"),
        ),
        pressure("128", "79", "血压"),
        *rows(
            ("DE04.10.167.00", "身高(cm)", "PQ", "172.5", "cm"),
            ("DE04.10.188.00", "体重(kg)", "PQ", "68.3", "kg"),
        ),
    ),
    section(
        "29545-1",
        *rows(
            ("DE04.10.219.00", "一般状况检查结果", "ST", "神志清"),
            ("DE04.10.126.00", "皮肤和黏膜检查结果", "ST", "皮肤无黄染"),
            ("DE04.10.114.00", "全身浅表淋巴结检查结果", "ST", "未触及肿大"),
            ("DE04.10.261.00", "头部及其器官检查结果", "ST", "头颅无畸形"),
            ("DE04.10.255.00", "颈部检查结果", "ST", "颈软"),
            ("DE04.10.263.00", "胸部检查结果", "ST", "双肺呼吸音清"),
            ("DE04.10.046.00", "腹部检查结果", "ST", "上腹压痛"),
            ("DE04.10.065.00", "肛门指诊检查结果描述", "ST", "指套无染血"),
            ("DE04.10.195.00", "外生殖器检查结果", "ST", "外生殖器正常"),
            ("DE04.10.093.00", "脊柱检查结果", "ST", "脊柱无侧弯"),
            ("DE04.10.179.00", "四肢检查结果", "ST", "四肢活动自如"),
            ("DE05.10.149.00", "神经系统检查结果", "ST", "病理征阴性"),
            ("DE08.10.061.00", "专科情况", "ST", "墨菲征阴性"),
        ),
    ),
    named("辅助检查", row(("DE04.30.009.00", "辅助检查结果", "ST", "胃镜示胃角溃疡"))),
    section(
        "11450-4",
        row(("DE05.10.143.00", "陈述内容可靠标志", "BL", "true")),
        stated("初步诊断", "20260501", "K25.900", "胃溃疡", "1"),
        row(("DE02.10.028.00", "中医“四诊”观察结果", "ST", "舌红苔薄黄")),
        stated_chinese("初步诊断", "20260501", "2"),
        stated("修正诊断", "20260502", "K25.700", "慢性胃溃疡", "3"),
        stated_chinese("修正诊断", "20260502", "4"),
        stated("确定诊断", "20260503", "K25.900", "胃溃疡", "5"),
        stated_chinese("确定诊断", "20260503", "6"),
        stated("补充诊断", "20260504", "K29.500", "慢性胃炎", "7"),
    ),
    section("18776-5", row(("DE06.00.300.00", "治则治法", "ST", "疏肝和胃"))),
)

# -- C0045 --------------------------------------------------------------------------------------

CONSULTATION: Final = (
    section("51848-0", row(("DE06.00.182.00", "病历摘要", "ST", "术后第三天发热"))),
    section(
        "29548-5",
        row(
            ("DE05.01.025.00", "西医诊断名称", "ST", "切口感染可能"),
            row(
                ("DE05.01.024.00", "西医诊断编码", "CD", "T81.400", "手术后切口感染", "2.3.3.11"),
                qualifier="西医诊断编码",
            ),
        ),
        row(("DE05.10.172.00", "中医诊断名称", "ST", "外感发热"), qualifier="中医诊断名称"),
        row(
            ("DE05.10.130.00", "中医病名代码", "CD", "BNW030", "外感发热病", "2.3.3.14"),
            qualifier="中医病名代码",
        ),
        row(("DE05.10.172.00", "中医诊断症候名称", "ST", "热毒壅盛"), qualifier="中医症候名称"),
        row(
            ("DE05.10.130.00", "中医症候代码", "CD", "ZBZD10", "热毒证", "2.3.3.14"),
            qualifier="中医症候代码",
        ),
        row(("DE02.10.028.00", "中医“四诊”观察结果", "ST", "脉数有力")),
    ),
    named("辅助检查章节", row(("DE04.30.009.00", "辅助检查结果", "ST", "白细胞14.2"))),
    section(
        "18776-5",
        *rows(
            ("DE06.00.297.00", "诊疗过程名称", "ST", "抗感染治疗"),
            ("DE06.00.300.00", "治则治法", "ST", "清热解毒"),
            ("DE06.00.214.00", "会诊目的", "ST", "明确发热原因"),
        ),
    ),
    named(
        "会诊原因",
        *rows(
            ("DE06.00.319.00", "会诊类型", "ST", "院内急会诊"),
            ("DE06.00.039.00", "会诊原因", "ST", "高热不退"),
        ),
    ),
    named("会诊意见", row(("DE06.00.018.00", "会诊意见", "ST", "敞开引流并送培养"))),
    section("8648-8", row(("DE06.00.296.00", "诊疗过程描述", "ST", "已用头孢三天"))),
)


def _consulted(root: Node) -> None:
    """Who asked and who was asked (the doctors sign, the institutions only stand there)."""
    signed(
        root,
        ("会诊申请医师", "郑强"),
        ("会诊医师", "冯雪"),
        ("会诊申请医疗机构", ""),
        ("会诊所在机构", ""),
        time="20260503093000",
    )
    places = {
        "会诊医师": ("海滨市第二医院", "", ""),
        "会诊申请医疗机构": ("", "普外科", "海滨市人民医院"),
        "会诊所在机构": ("", "感染科", "海滨市第二医院"),
    }
    whole = "h:representedOrganization//h:wholeOrganization"
    for one in root.findall(f"{{{V3}}}authenticator/{{{V3}}}assignedEntity"):
        role = one.find(f"{{{V3}}}code").get("displayName")
        employer, department, institution = places.get(role, ("", "", ""))
        set_all(one, "h:representedOrganization/h:name", employer)
        for path, name in ((f"{whole}[h:asOrganizationPartOf]", department), (whole, institution)):
            inner = path if path != whole else f"{whole}[not(h:asOrganizationPartOf)]"
            set_all(one, f"{inner}/h:name", name)
            oid = "26" if path != whole else "5"
            set_all(one, f"{inner}/h:id/@root", f"2.16.156.10011.1.{oid}")


# -- C0049, C0050 -------------------------------------------------------------------------------

DISCHARGED: Final = (
    section("11450-4", row(("DE05.10.148.00", "入院情况", "ST", "胸闷入院"))),
    section(
        "11535-2",
        row(("DE05.01.024.00", "入院诊断编码", "CD", "I20.000", "不稳定性心绞痛", "2.3.3.11")),
        *rows(
            ("DE06.00.092.00", "入院日期时间", "TS", "20260501081500"),
            ("DE04.50.128.00", "阳性辅助检查结果", "ST", "肌钙蛋白升高"),
            ("DE02.10.028.00", "中医“四诊”观察结果", "ST", "舌暗有瘀点"),
            ("DE06.00.300.00", "治则治法", "ST", "活血化瘀"),
        ),
    ),
    section("8648-8", row(("DE06.00.296.00", "诊疗过程描述", "ST", "行冠脉造影"))),
    section(
        "46209-3",
        *rows(
            ("DE08.50.047.00", "中药煎煮方法", "ST", "文火久煎"),
            ("DE06.00.136.00", "中药用药方法", "ST", "早晚温服"),
        ),
    ),
    section(
        "11535-2",
        *rows(
            ("DE06.00.193.00", "出院情况", "ST", "胸闷缓解"),
            ("DE06.00.017.00", "出院日期时间", "TS", "20260509100000"),
        ),
        row(
            ("DE05.01.025.00", "出院诊断-西医诊断名称", "ST", "冠心病心绞痛"),
            row(
                ("DE05.01.024.00", "出院诊断-西医诊断编码", "CD", "I20.000", "心绞痛", "2.3.3.11"),
                qualifier="西医诊断编码",
            ),
        ),
        row(
            ("DE05.10.172.00", "出院诊断-中医病名名称", "ST", "胸痹"),
            qualifier="中医病名名称",
        ),
        row(
            ("DE05.10.130.00", "出院诊断-中医病名代码", "CD", "BNX020", "胸痹病", "2.3.3.14"),
            qualifier="中医病名代码",
        ),
        row(
            ("DE05.10.172.00", "出院诊断-中医证候名称", "ST", "心血瘀阻"),
            qualifier="中医症候名称",
        ),
        row(
            ("DE05.10.130.00", "出院诊断-中医证候代码", "CD", "ZZXI20", "心血瘀阻证", "2.3.3.14"),
            qualifier="中医症候代码",
        ),
        *rows(
            ("DE04.01.117.00", "出院时症状与体征", "ST", "心率齐"),
            ("DE06.00.287.00", "出院医嘱", "ST", "低盐低脂"),
        ),
    ),
)

DIED: Final = (
    section(
        "11535-2",
        row(("DE06.00.092.00", "入院日期时间", "TS", "20260501081500")),
        row(("DE05.01.024.00", "入院诊断编码", "CD", "I21.900", "急性心肌梗死", "2.3.3.11")),
        row(
            ("DE05.10.148.00", "入院情况", "ST", "胸痛三小时"),
            after="<text>由120送入</text>",
        ),
    ),
    section("8648-8", row(("DE06.00.296.00", "诊疗过程描述", "ST", "抢救四十分钟无效"))),
    named(
        "死亡原因章节",
        row(("DE02.01.036.00", "死亡日期时间", "TS", "20260503023000")),
        row(
            ("DE05.01.025.00", "直接死亡原因名称", "ST", "心源性休克"),
            ("DE05.01.024.00", "直接死亡原因编码", "CD", "R57.000", "休克，心源性", "2.3.3.11"),
        ),
    ),
    section(
        "11535-2",
        row(
            ("DE05.01.025.00", "死亡诊断名称", "ST", "急性广泛前壁心肌梗死"),
            ("DE05.01.024.00", "死亡诊断编码", "CD", "I21.000", "前壁心肌梗死", "2.3.3.11"),
        ),
    ),
    named("尸检意见章节", row(("DE09.00.115.00", "家属是否同意尸体解剖标志", "BL", "false"))),
)


def _midwives(root: Node) -> None:
    signed(root, ("接生者", "何芳"), ("助产者", "吕燕"), ("记录人", "施敏"), time="20260502150000")


def _surgeons(root: Node) -> None:
    signed(
        root,
        ("手术者", "张兰"),
        ("麻醉医师", "孔明"),
        ("器械护士", "曹云"),
        ("记录人", "施敏"),
        time="20260502110000",
    )


def _told(root: Node) -> None:
    told = "h:informant/h:assignedEntity"
    set_all(root, f"{told}/h:id/@root", "2.16.156.10011.1.3")
    set_all(root, f"{told}/h:id/@extension", "NA")
    set_all(root, f"{told}/h:code/@code", "1")
    set_all(root, f"{told}/h:code/@displayName", "配偶")
    set_all(root, f"{told}/h:code/@codeSystem", "2.16.156.10011.2.3.3.8")
    set_all(root, f"{told}/h:assignedPerson/h:name", "林秀英")


def _measured(root: Node) -> None:
    set_all(root, "h:author/h:time", "20260503143000")
    set_all(root, "h:author/h:assignedAuthor/h:code/@displayName", "护士")
    days = "h:effectiveTime/h:width/@value"
    set_all(root, f"h:componentOf/h:encompassingEncounter/{days}", "3")
    set_all(root, f"h:documentationOf/h:serviceEvent/{days}", "2")
    set_all(root, "//h:width/@unit", "天")


def ward_documents() -> dict[str, Node]:
    """A full document of each of the eight kinds."""
    return {
        "C0009": document(
            "C0009", sections=SURGERY, numbers=(("11", "NA"), ("12", "ZY001"), ("24", "SQ009"))
        ),
        "C0015": document("C0015", sections=VAGINAL, numbers=WARD, change=_midwives),
        "C0016": document("C0016", sections=CAESAREAN, numbers=WARD, change=_surgeons),
        "C0020": document("C0020", sections=MEASURED, numbers=WARD, change=_measured),
        "C0034": document("C0034", sections=ADMISSION, change=_told),
        "C0045": document(
            "C0045",
            sections=CONSULTATION,
            numbers=(("12", "ZY001"), ("24", "HZ001")),
            change=_consulted,
        ),
        "C0049": document("C0049", sections=DISCHARGED, numbers=WARD),
        "C0050": document("C0050", sections=DIED, numbers=WARD),
    }
