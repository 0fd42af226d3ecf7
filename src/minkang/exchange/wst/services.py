"""The 69 services of a hospital's or a region's information platform: name, number, root, title.

The interactions of WS/T 790-2021 and of the hospital platforms (S0001 to S0081, without those that
send results, which are documents). A root name alone does not say which service it is:
QUMT_IN020030UV01 serves twelve of them, POOR_IN200902UV eight.
"""

from typing import Final

import msgspec


class Service(msgspec.Struct, frozen=True):
    """A service.

    Attributes:
        name: what callers name it by, `PatientInfoRegister`.
        number: its number among the platform's services, `S0001`.
        root: the root element of its message.
        title: its Chinese name.
    """

    name: str
    number: str
    root: str
    title: str

    @property
    def asks(self) -> bool:
        """Whether it asks for something; the others bring something."""
        return self.name.endswith("Query") or self.name in ("DocumentAccess", "DocumentRetrieve")


_TABLE: Final = """
PatientInfoRegister S0001 PRPA_IN201311UV02 个人信息注册
PatientInfoUpdate S0002 PRPA_IN201314UV02 个人信息更新
PatientInfoMerge S0003 PRPA_IN201304UV02 个人信息合并
PatientInfoQuery S0004 PRPA_IN201305UV02 个人信息查询
OrganizationInfoRegister S0005 PRPM_IN401030UV01 医疗卫生机构（科室）信息注册
OrganizationInfoUpdate S0006 PRPM_IN403010UV01 医疗卫生机构（科室）信息更新
OrganizationInfoQuery S0007 PRPM_IN406010UV01 医疗卫生机构（科室）信息查询
ProviderInfoRegister S0008 PRPM_IN301010UV01 医疗卫生人员信息注册
ProviderInfoUpdate S0009 PRPM_IN303010UV01 医疗卫生人员信息更新
ProviderInfoQuery S0010 PRPM_IN306010UV01 医疗卫生人员信息查询
TerminologyRegister S0011 PRVS_IN000001UV01 术语注册
TerminologyUpdate S0012 PRVS_IN000002UV01 术语更新
TerminologyQuery S0013 PRVS_IN000003UV01 术语查询
DocumentRegister S0014 RCMR_IN000002UV02 电子病历文档注册
DocumentRetrieve S0015 RCMR_IN000031UV01 电子病历文档调阅
DocumentAccess S0016 RCMR_IN000029UV01 电子病历文档检索
EncounterCardInfoAdd S0017 PRPA_IN201311UV02 就诊卡信息新增
EncounterCardInfoUpdate S0018 PRPA_IN201314UV02 就诊卡信息更新
EncounterCardInfoQuery S0019 PRPA_IN201305UV02 就诊卡信息查询
SourceAndScheduleInfoAdd S0020 PRSC_IN030101UV 号源排班信息新增
SourceAndScheduleInfoUpdate S0021 PRSC_IN030102UV 号源排班信息更新
SourceAndScheduleInfoQuery S0022 PRSC_IN100000UV 号源排班信息查询
OutPatientInfoAdd S0023 PRPA_IN400001UV 门诊挂号信息新增
OutPatientInfoUpdate S0024 PRPA_IN400002UV 门诊挂号信息更新
OutPatientInfoQuery S0025 PRPA_IN900300UV 门诊挂号信息查询
InPatientInfoAdd S0026 PRPA_IN400001UV 住院就诊信息登记
InPatientInfoUpdate S0027 PRPA_IN400002UV 住院就诊信息更新
InPatientInfoQuery S0028 PRPA_IN900300UV 住院就诊信息查询
TransferInfoAdd S0029 PRPA_IN302011UV 住院转科信息新增
TransferInfoUpdate S0030 PRPA_IN302012UV 住院转科信息更新
TransferInfoQuery S0031 PRPA_IN900300UV 住院转科信息查询
DischargeInfoAdd S0032 PRPA_IN400001UV 出院登记信息新增
DischargeInfoUpdate S0033 PRPA_IN400002UV 出院登记信息更新
DischargeInfoQuery S0034 PRPA_IN900300UV 出院登记信息查询
OrderInfoAdd S0035 POOR_IN200901UV 医嘱信息新增
OrderInfoUpdate S0036 POOR_IN200902UV 医嘱信息更新
OrderInfoQuery S0037 QUMT_IN020030UV01 医嘱信息查询
ExamAppInfoAdd S0038 POOR_IN200901UV 检验申请信息新增
ExamAppInfoUpdate S0039 POOR_IN200902UV 检验申请信息更新
ExamAppInfoQuery S0040 QUMT_IN020030UV01 检验申请信息查询
CheckAppInfoAdd S0041 POOR_IN200901UV 检查申请信息新增
CheckAppInfoUpdate S0042 POOR_IN200902UV 检查申请信息更新
CheckAppInfoQuery S0043 QUMT_IN020030UV01 检查申请信息查询
PathologyAppInfoAdd S0044 POOR_IN200901UV 病理申请信息新增
PathologyAppInfoUpdate S0045 POOR_IN200902UV 病理申请信息更新
PathologyAppInfoQuery S0046 QUMT_IN020030UV01 病理申请信息查询
BloodTransAppInfoAdd S0047 POOR_IN200901UV 输血申请信息新增
BloodTransAppInfoUpdate S0048 POOR_IN200902UV 输血申请信息更新
BloodTransAppInfoQuery S0049 QUMT_IN020030UV01 输血申请信息查询
OperationAppInfoAdd S0050 POOR_IN200901UV 手术申请信息新增
OperationAppInfoUpdate S0051 POOR_IN200902UV 手术申请信息更新
OperationAppInfoQuery S0052 QUMT_IN020030UV01 手术申请信息查询
OutPatientAppointStatusInfoAdd S0053 PRPA_IN410001UV 门诊预约状态信息新增
OutPatientAppointStatusInfoUpdate S0054 PRPA_IN410002UV 门诊预约状态信息更新
OutPatientAppointStatusInfoQuery S0055 PRPA_IN900300UV 门诊预约状态信息查询
CheckAppointStatusInfoAdd S0056 PRSC_IN010101UV01 检查预约状态信息新增
CheckAppointStatusInfoUpdate S0057 PRSC_IN010201UV01 检查预约状态信息更新
CheckAppointStatusInfoQuery S0058 QUMT_IN020030UV01 检查预约状态信息查询
OrderFillerStatusInfoUpdate S0059 POOR_IN200901UV 医嘱执行状态信息更新
OrderFillerStatusInfoQuery S0060 QUMT_IN020030UV01 医嘱执行状态信息查询
CheckStatusInfoUpdate S0061 POOR_IN200902UV 检查状态信息更新
CheckStatusInfoQuery S0062 QUMT_IN020030UV01 检查状态信息查询
ExamStatusInfoUpdate S0063 POLB_IN224000UV01 检验状态信息更新
ExamStatusInfoQuery S0064 QUMT_IN020030UV01 检验状态信息查询
OperationScheduleInfoAdd S0077 PRSC_IN010101UV01 手术排班信息新增
OperationScheduleInfoUpdate S0078 PRSC_IN010201UV01 手术排班信息更新
OperationScheduleInfoQuery S0079 QUMT_IN020030UV01 手术排班信息查询
OperationStatusInfoUpdate S0080 POOR_IN200902UV 手术状态信息更新
OperationStatusInfoQuery S0081 QUMT_IN020030UV01 手术状态信息查询
"""

SERVICES: Final = {
    service.name: service
    for service in (Service(*line.split()) for line in _TABLE.strip().splitlines())
}
"""All services by name."""

_BY_NUMBER: Final = {service.number: service for service in SERVICES.values()}
_NAMES: Final = {service.name.lower(): service for service in SERVICES.values()}


def service_of(action: str) -> Service | None:
    """The service that a caller names, by its name in any case or its number."""
    word = action.strip().rpartition(":")[2].rpartition("/")[2]
    return _NAMES.get(word.lower()) or _BY_NUMBER.get(word.upper())


def service_by_root(root: str, interaction: str = "") -> Service | None:
    """The service of a message that is not named: by the number in its `interactionId`, else by
    its root if only one has that; None where nobody can tell.
    """
    numbered = service_of(interaction)
    if numbered is not None and numbered.root == root:
        return numbered
    same = [service for service in SERVICES.values() if service.root == root]
    return same[0] if len(same) == 1 else None
