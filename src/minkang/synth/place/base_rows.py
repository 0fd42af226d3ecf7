"""The place as the tables of base resources: institutions, departments, staff, beds, equipment.

Columns and value codes are those of docs/integrators/forms.md. Identity numbers of staff are left
empty: they could be a resident's.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from minkang.synth.draws import share
from minkang.synth.place.divisions import CITY
from minkang.synth.place.entities import Bed, Department, Device, Institution, Staff
from minkang.synth.place.kinds import KINDS
from minkang.synth.place.place import Place

TABLES: Final = ("institutions", "departments", "staff", "beds", "equipment")

OCCUPANCY: Final = 0.6323
"""Of beds in 2020 (Weihai plan for medical institutions, section 1)."""

_OPENED: Final = "2015-12-01 08:00:00"
_OWNERS: Final = {"public": "国有", "collective": "集体", "private": "私营"}
_DUTIES: Final = {
    "doctor": "医生", "assistant": "助理医师", "nurse": "护士", "public-health": "公卫人员",
    "pharmacist": "药剂人员", "technician": "医技人员", "village-doctor": "乡村医生",
}  # fmt: skip
_RANKS: Final = (("主任", "1"), ("副主任", "2"), ("主治", "3"), ("主管", "3"))
_JUNIOR: Final = ("医士", "护士", "药士", "技士")
_SERVICE_YEARS: Final = 12
_BROKEN: Final = 0.03


def base_rows(
    place: Place, institutions: Iterable[Institution], day: date
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows with the name of their table (one of TABLES), as they stand on the day.

    Who will come, and when somebody will leave, is not told before that day. Staff who have left
    keep their rows, so that old visits find their doctors.
    """
    for institution in institutions:
        yield "institutions", _institution(place, institution, day)
        heads = _heads(place, institution, day)
        for department in institution.departments:
            head = heads.get(department.key, "")
            yield "departments", _department(institution, department, head)
        names = {one.key: one.name for one in institution.departments}
        for staff in place.staff(institution):
            if staff.hired <= day:
                yield "staff", _staff(institution, staff, names[staff.department], day)
        for bed in place.beds(institution):
            yield "beds", _bed(place.seed, institution, bed, day)
        for device in place.equipment(institution):
            if device.used_from <= day:
                yield "equipment", _device(place.seed, institution, device, day)


def department_number(institution: Institution, key: str) -> str:
    """A department's number in tables that hold more than one institution."""
    return f"{institution.code[-4:]}-{key}"


def _heads(place: Place, institution: Institution, day: date) -> dict[str, str]:
    """By department the name of who leads it: the oldest of the highest title."""
    best: dict[str, tuple[str, int, str]] = {}
    for staff in place.staff(institution, day):
        rank = (_rank(staff.title), staff.birth.toordinal(), staff.name)
        if staff.department not in best or rank < best[staff.department]:
            best[staff.department] = rank
    return {department: name for department, (_, _, name) in best.items()}


def _institution(place: Place, institution: Institution, day: date) -> dict[str, str]:
    kind = KINDS[institution.kind]
    serial = institution.code[-4:]
    parent = place.by_key[institution.parent].code if institution.parent else ""
    heads = _heads(place, institution, day)
    return {
        "机构编号": institution.code,
        "机构名称": institution.name,
        "机构简称": institution.short,
        "组织机构代码": f"MK{serial:0>7}",
        "统一社会信用代码": f"MK371098{serial:0>10}",
        "执业许可证号": f"MKPDY{serial:0>7}371098",
        "机构类别代码": kind.code,
        "机构类别": kind.name,
        "医院等级": institution.level,
        "经济类型": _OWNERS[institution.owner],
        "行政区划代码": institution.county,
        "地址": CITY + place.county(institution.county).name + institution.address,
        "邮政编码": place.county(institution.county).postcode,
        "电话": institution.phone,
        "电子邮箱": "",
        "法定代表人": next(iter(heads.values()), ""),
        "上级机构编号": parent,
        "是否在用": "是",
        "更新时间": _OPENED,
    }


def _department(institution: Institution, department: Department, head: str) -> dict[str, str]:
    return {
        "科室编号": department_number(institution, department.key),
        "科室名称": department.name,
        "诊疗科目代码": department.code,
        "诊疗科目名称": department.subject,
        "科室类别": "临床科室" if department.clinical else "医技科室",
        "上级科室编号": "",
        "科室电话": institution.phone,
        "科室位置": "",
        "科室负责人": head,
        "是否在用": "是",
        "更新时间": _OPENED,
    }


def _rank(title: str) -> str:
    """Code of CV08.30.005: 1 highest, 2, 3 middle, 4 first, 5 assistant technician's rank."""
    for begin, code in _RANKS:
        if title.startswith(begin):
            return code
    return "5" if title in _JUNIOR else "4"


def _staff(institution: Institution, staff: Staff, department: str, day: date) -> dict[str, str]:
    left = staff.left if staff.left is not None and staff.left <= day else None
    titled = staff.role != "village-doctor"
    return {
        "人员编号": staff.code,
        "姓名": staff.name,
        "性别": "男" if staff.sex == "M" else "女",
        "出生日期": staff.birth.isoformat(),
        "身份证号": "",
        "电话": f"154{staff.code[1:]}",
        "科室编号": department_number(institution, staff.department),
        "科室名称": department,
        "岗位": _DUTIES[staff.role],
        "专业技术职务": _rank(staff.title) if titled else "",
        "学历": staff.education,
        "执业类别": staff.category,
        "执业范围": staff.scope,
        "执业地点": institution.name if staff.licence else "",
        "执业证书编码": staff.licence,
        "资格证书编码": staff.qualification,
        "执业注册日期": staff.registered.isoformat() if staff.licence else "",
        "到岗日期": staff.hired.isoformat(),
        "离岗日期": left.isoformat() if left else "",
        "是否在岗": "否" if left else "是",
        "更新时间": f"{left or max(staff.hired, _FIRST)} 08:00:00",
    }


_FIRST: Final = date(2015, 12, 1)


def _bed(seed: int, institution: Institution, bed: Bed, day: date) -> dict[str, str]:
    taken = share(seed, "bed", bed.code, day.toordinal()) < OCCUPANCY
    return {
        "床位编号": bed.code,
        "床位号": bed.label,
        "病区编号": f"{institution.code[-4:]}-{bed.ward}",
        "病区名称": bed.ward_name,
        "病房号": bed.room,
        "科室编号": department_number(institution, bed.department),
        "床位类型": bed.kind,
        "编制": "加床" if bed.extra else "在编",
        "床位状态": "占用" if taken else "空床",
        "更新时间": f"{day} 06:00:00",
    }


def _device(seed: int, institution: Institution, device: Device, day: date) -> dict[str, str]:
    until = device.made + timedelta(days=365 * _SERVICE_YEARS)
    broken = share(seed, "broken", device.code) < _BROKEN
    return {
        "设备编号": device.code,
        "设备名称": device.name,
        "设备类别代码": device.class_code,
        "设备类别": device.class_name,
        "规格型号": device.model,
        "出厂编号": device.serial,
        "医疗器械唯一标识": "",
        "生产厂家": device.maker,
        "生产日期": device.made.isoformat(),
        "有效期至": until.isoformat(),
        "启用日期": device.used_from.isoformat(),
        "原值": f"{device.yuan}.00",
        "使用科室": device.room,
        "安装地点": f"{institution.short}{device.room}",
        "使用状态": "停用" if until <= day else "维修" if broken else "在用",
        "维修电话": institution.phone,
        "更新时间": f"{until if until <= day else device.used_from} 08:00:00",
    }
