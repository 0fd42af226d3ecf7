"""The demonstration's tree: a city, a county, and those institutions whose people log in.

Codes of institutions are those of the practice region, whatever its seed; the commissions, the
research institute, departments and teams are made up here.
"""

from datetime import datetime
from typing import Final

from minkang.accounts import AccountRefused, Organisation
from minkang.accounts.directory import read_tree
from minkang.accounts.organisations_change import add_organisation, change_organisation
from minkang.app.platform import Platform
from minkang.audit import AuditLog

HOSPITAL: Final = "MK37109800100000110001"
CARDIOLOGY: Final = f"{HOSPITAL}-cardiac"
CHINESE_MEDICINE: Final = "MK37109800200000210002"
STATION: Final = "MK37109800300000310003"
STATION_TEAM: Final = f"{STATION}-team1"
TOWNSHIP: Final = "MK37109810600014410144"
TOWNSHIP_TEAM: Final = f"{TOWNSHIP}-team1"
VILLAGE: Final = "MK37109810600057610576"
MATERNAL: Final = "MK37109800200007110071"
CDC: Final = "MK37109801200008910089"
AMBULANCE: Final = "MK37109800900000990005"
MOTHERS_SYSTEM: Final = "MK37109800900000990001"
PRIMARY_SYSTEM: Final = "MK37109800900000990002"
DISEASE_SYSTEM: Final = "MK37109800900000990004"
CENTRE: Final = "MK-CENTRE"
INSTITUTE: Final = "MK-RESEARCH"
CITY: Final = "MK-371000"
COUNTY: Final = "MK-371002"
SOUTH: Final = "MK-371003"

_TREE: Final = (
    # id, name, kind, level, above, division
    (CITY, "海滨市卫生健康委员会", "commission", "city", None, "371000"),
    (COUNTY, "环翠区卫生健康局", "commission", "county", CITY, "371002"),
    (SOUTH, "文登区卫生健康局", "commission", "county", CITY, "371003"),
    (CENTRE, "区域卫生健康信息中心", "information-centre", "institution", CITY, "371000"),
    (INSTITUTE, "海滨健康研究院", "research", "institution", CITY, "371000"),
    (HOSPITAL, "海滨人民医院", "hospital", "institution", COUNTY, "371002"),
    (CARDIOLOGY, "心血管内科", "department", "department", HOSPITAL, None),
    (CHINESE_MEDICINE, "港城中医医院", "tcm-hospital", "institution", COUNTY, "371002"),
    (STATION, "云溪社区卫生服务站", "community-centre", "institution", COUNTY, "371002"),
    (STATION_TEAM, "家庭医生第一团队", "family-doctor-team", "team", STATION, None),
    (TOWNSHIP, "宋村镇云泉卫生院", "township-centre", "institution", SOUTH, "371003106"),
    (TOWNSHIP_TEAM, "家庭医生第一团队", "family-doctor-team", "team", TOWNSHIP, None),
    (VILLAGE, "宋村镇松岚庄村卫生室", "village-room", "institution", TOWNSHIP, "371003106200"),
    (MATERNAL, "银杏妇幼保健院", "maternal-child", "institution", COUNTY, "371002"),
    (CDC, "蓝屿疾病预防控制中心", "cdc", "institution", COUNTY, "371002"),
    # Systems that several institutions share: what they send is of whom it names.
    (MOTHERS_SYSTEM, "区域妇幼健康信息系统", "shared-system", "institution", COUNTY, "371002"),
    (PRIMARY_SYSTEM, "基层医疗卫生云平台", "shared-system", "institution", COUNTY, "371002"),
    (DISEASE_SYSTEM, "疾病预防控制信息系统", "institution", "institution", CITY, "371000"),
    (AMBULANCE, "院前急救调度系统", "ems-station", "institution", CITY, "371000"),
)  # fmt: skip


async def plant_tree(platform: Platform, log: AuditLog, now: datetime) -> None:
    """Put the demonstration's organisations in their places; those already there stay."""
    tree = await read_tree(platform.pool)
    for organisation, name, kind, level, above, division in _TREE:
        wanted = Organisation(organisation, name, kind, level, above, division)  # type: ignore[arg-type]
        known = tree.get(organisation)
        try:
            if known is None:
                await add_organisation(platform.pool, log, wanted, now=now)
            elif (
                known.parent is None and above is not None
            ) or kind == "shared-system" != known.kind:
                await change_organisation(platform.pool, log, wanted, now=now)
        except AccountRefused as error:
            raise RuntimeError(f"the demonstration's tree: {error}") from error
