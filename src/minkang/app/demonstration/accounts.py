"""Who logs in to the demonstration, and what the terminal and the log-in page say of it."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from minkang.accounts import account_by_login, create_account
from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.post_steps import NewPost
from minkang.accounts.posts import give_post
from minkang.accounts.roles import BY_KEY
from minkang.app.demonstration import organisations as places
from minkang.app.demonstration.his import his_file
from minkang.app.demonstration.organisations import CENTRE, CHINESE_MEDICINE, HOSPITAL, plant_tree
from minkang.app.demonstration.story import read_story
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.web.context import DemoAccount

__all__ = [
    "CENTRE",
    "CHINESE_MEDICINE",
    "HOSPITAL",
    "PASSWORD",
    "create_accounts",
    "demo_accounts",
    "demo_code",
    "demo_fhir",
    "demo_his",
]

PASSWORD: Final = "haibin-demo-2026"  # noqa: S105 - printed for everyone who runs it

FIRST: Final = "常用"
CARE: Final = "诊疗服务"
HEALTH: Final = "公共卫生与管理"
ADMINISTRATION: Final = "平台管理（三员分立）"


class _Cast(msgspec.Struct, frozen=True):
    """Somebody of the demonstration; `also`: a second post at another place."""

    login: str
    name: str
    role: str
    organisation: str | None
    what: str
    group: str
    also: str | None = None


_CAST: Final = (
    _Cast("yisheng", "王海燕", "doctor", HOSPITAL,
          "海滨人民医院医生：查找居民、看档案", FIRST),
    _Cast("jumin", "", "resident", None, "居民：我的健康码、我的档案、谁看过", FIRST),
    _Cast("xinxi", "林晓明", "information-centre", CENTRE,
          "信息中心：来源、消息、质量、对账、外发", FIRST),
    _Cast("zhongyi", "陈仲和", "doctor", CHINESE_MEDICINE,
          "港城中医医院医生：没有关系时会被拒绝", FIRST),
    _Cast("quanke", "孙家和", "gp", places.STATION_TEAM,
          "云溪社区家庭医生，也在云泉卫生院任职：可切换岗位", CARE, places.TOWNSHIP_TEAM),
    _Cast("cunyi", "于海山", "village-doctor", places.VILLAGE,
          "松岚庄村卫生室乡村医生，也在云溪社区卫生服务站坐诊：可切换岗位", CARE, places.STATION),
    _Cast("hushi", "林静", "nurse", places.CARDIOLOGY, "海滨人民医院心内科护士", CARE),
    _Cast("fuyou", "周慧", "maternal-child", places.MATERNAL,
          "银杏妇幼保健院：孕产妇和儿童保健", CARE),
    _Cast("diaodu", "赵鸣", "dispatcher", places.AMBULANCE, "120 调度：急救所需的少量信息", CARE),
    _Cast("jikong", "高远", "cdc", places.CDC, "疾控中心：法定传染病病例", HEALTH),
    _Cast("xinxi2", "宋知微", "information-centre", CENTRE,
          "信息中心第二人：复核主索引的合并", HEALTH),
    _Cast("yuanxin", "孟工", "hospital-it", HOSPITAL, "医院信息科：不看病历", HEALTH),
    _Cast("guihua", "方略", "planner", places.CITY, "市卫健委规划：只看汇总，不看个人", HEALTH),
    _Cast("jiandu", "严正", "supervisor", places.COUNTY, "区卫健局监督：所辖机构", HEALTH),
    _Cast("yanjiu", "苏问", "researcher", places.INSTITUTE, "研究人员：去标识数据", HEALTH),
    _Cast("xitong", "陆平", "system-administrator", CENTRE,
          "系统管理员：机构、人员、岗位、账号", ADMINISTRATION),
    _Cast("anquan", "钟诚", "security-administrator", CENTRE,
          "安全管理员：访问策略、密钥", ADMINISTRATION),
    _Cast("anquan2", "白芷", "security-administrator", CENTRE,
          "另一位安全管理员：复核策略修改", ADMINISTRATION),
    _Cast("shenji", "程明", "audit-administrator", CENTRE,
          "审计管理员：审计日志的查询与核验", ADMINISTRATION),
)  # fmt: skip
"""One account for every role that logs in; all names are made up."""


async def create_accounts(platform: Platform, log: AuditLog, name: str, person: str) -> None:
    """Make the organisations and accounts that are not there yet; the resident's is for this
    Person, who is called `name`."""
    now = datetime.now(UTC)
    await plant_tree(platform, log, now)
    for one in _CAST:
        if await account_by_login(platform.pool, one.login) is not None:
            continue
        account = await create_account(
            platform.pool,
            log,
            login=one.login,
            name=one.name or name,
            role=one.role,
            password=PASSWORD,
            now=now,
            organisation=one.organisation,
            person=person if one.role == "resident" else None,
        )
        if one.also is not None:
            also = NewPost(role=one.role, organisation=one.also)
            # Later than the first post, which is the one to begin in.
            await give_post(platform.pool, log, account.id, also, now=datetime.now(UTC))
    await sync_directory(platform.store)


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts as the log-in page and the terminal show them."""
    return tuple(
        DemoAccount(one.login, PASSWORD, BY_KEY[one.role].name_zh, one.what, one.group)
        for one in _CAST
    )


def _minkang(settings: Settings, folder: Path) -> str:
    """The command as it is typed in a shell in `folder`."""
    usual = settings.home == folder / ".minkang"
    home = "" if usual else f"MINKANG_HOME={shlex.quote(str(settings.home))} "
    return f"{home}.venv/bin/minkang"


def demo_code(settings: Settings, folder: Path) -> tuple[str, ...]:
    """How to show and scan the health code of the resident of the story, as lines for the
    terminal; none before there is a story."""
    story = read_story(settings.home)
    if story is None:
        return ()
    minkang, address = _minkang(settings, folder), f"http://{settings.host}:{settings.port}"
    return (
        "健康码 health code   a resident's phone shows it, a doctor of 港城中医医院 scans it:",
        f"RESIDENT=$({minkang} token --role resident --person {story.person})",
        f"DOCTOR=$({minkang} token --role doctor --org {CHINESE_MEDICINE})",
        f"python3 examples/scan_code.py {address} " + '"$RESIDENT" "$DOCTOR"',
    )


def demo_his(settings: Settings, folder: Path) -> tuple[str, ...]:
    """How to see the record in a hospital's own system, as lines for the terminal; none where the
    system is not registered."""
    file = his_file(settings.home)
    if not file.exists():
        return ()
    near = file.relative_to(folder) if file.is_relative_to(folder) else file
    address = f"http://{settings.host}:{settings.port}"
    return (
        "HIS   the record and advice in a hospital's own system; then open its page",
        f".venv/bin/python examples/his.py {address} {shlex.quote(str(near))}",
    )


def demo_fhir(settings: Settings, folder: Path) -> tuple[str, ...]:
    """The FHIR base, and how to read from it in a shell in `folder`, as lines for the terminal."""
    base = f"http://{settings.host}:{settings.port}/fhir"
    found = f"'{base}/Observation?code=http://loinc.org|4548-4&_sort=-date&_count=1'"
    return (
        f"FHIR R4  {base}   a system of 海滨人民医院 reads its latest HbA1c:",
        f"TOKEN=$({_minkang(settings, folder)} token --role system --org {HOSPITAL})",
        f'curl -H "Authorization: Bearer $TOKEN" {found}',
    )
