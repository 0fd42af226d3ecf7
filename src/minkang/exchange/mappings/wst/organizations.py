"""Institutions, departments and staff: Organization, Practitioner and PractitionerRole."""

from typing import Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    addresses_of,
    extension,
    name_of,
    number_of,
    period_of,
    telecoms_of,
    time_of,
)
from minkang.exchange.mappings.wst.people import (
    department,
    identities,
    organization_key,
    record,
    sex_of,
    stated,
)

_STATUS: Final = {"active": True, "inactive": False, "suspended": False, "terminated": False}


def map_organization(case: Case) -> None:
    """OrganizationInfoRegister, OrganizationInfoUpdate: the Organization.

    Raises:
        Refused: it has no number.
    """
    request = case.subject("registrationRequest")
    entity = case.subject("registrationRequest", "subject1", "assignedEntity")
    key, identifier = organization_key(case, entity.first("id"))
    case.required(entity.first("id"), entity, "机构（科室）编号", key)
    organization = case.draft("Organization", key)
    organization.put("identifier", [identifier])
    if kind := case.reader.concept(entity.first("code"), "department-type"):
        organization.put("type", [kind])
    principal = entity.first("assignedPrincipalOrganization")
    legal = name_of(principal.first("name")) if principal else ""
    role = name_of(entity.first("name"))
    organization.put("name", legal or role)
    if legal and role and role != legal:
        organization.put("alias", [role])
    organization.put("address", addresses_of(entity.first("addr"), "work"))
    organization.put("telecom", telecoms_of(entity.first("telecom"), use="work"))
    _status(case, organization, entity)
    organization.add(
        "extension",
        extension("effective", "Period", period_of(case.reader, entity.first("effectiveTime"))),
    )
    affiliate = principal.first("asAffiliate") if principal else None
    if affiliate is not None:
        above = affiliate.first("scoper2") or affiliate.first("affiliatedPrincipalOrganization")
        organization.put("partOf", department(case, above))
        since = time_of(case.reader, affiliate.first("effectiveTime"))
        organization.add("extension", extension("affiliated", "DateTime", since))
    _registrar(case, organization, request.first("author"))


def map_provider(case: Case) -> None:
    """ProviderInfoRegister, ProviderInfoUpdate: the Practitioner and what they are there.

    Raises:
        Refused: they have no number.
    """
    request = case.subject("registrationRequest")
    provider = case.subject("registrationRequest", "subject1", "healthCareProvider")
    number = number_of(provider.first("id"))
    case.required(provider.first("id"), provider, "医务人员编号", number)
    person = provider.first("healthCarePrincipalPerson") or provider
    practitioner = case.draft("Practitioner", number)
    practitioner.put("identifier", [case.own("staff", number), *identities(case, person)])
    if name := name_of(person.first("name")):
        practitioner.put("name", [{"text": name}])
    _person(case, practitioner, person)
    practitioner.put("address", addresses_of(provider.first("addr"), "work"))
    practitioner.put("telecom", telecoms_of(provider.first("telecom"), use="work"))
    role = case.draft("PractitionerRole", number)
    role.put("identifier", [case.own("staff", number)])
    role.put("practitioner", practitioner.reference)
    _status(case, role, provider)
    role.put("period", period_of(case.reader, provider.first("effectiveTime")))
    if title := case.reader.concept(provider.first("code"), "title"):
        role.put("code", [title])
    unit = person.first("asAffiliate", "affiliatedPrincipalOrganization")
    since = time_of(case.reader, person.first("asAffiliate", "effectiveTime"))
    role.add("extension", extension("affiliated", "DateTime", since))
    role.put("organization", department(case, unit) or case.context.institution())
    _registrar(case, practitioner, request.first("author"))


def _status(case: Case, draft: Draft, entity: Element) -> None:
    state = entity.first("statusCode")
    code = attribute_of(state, "code")
    if code.lower() in _STATUS:
        draft.resource["active"] = _STATUS[code.lower()]
    elif code:
        draft.add("extension", extension("role-status", "String", code))


def _person(case: Case, practitioner: Draft, person: Element) -> None:
    practitioner.put("gender", sex_of(case, person))
    if birth := time_of(case.reader, person.first("birthTime")):
        practitioner.put("birthDate", birth[:10])
    for address in addresses_of(person.first("birthplace", "addr")):
        practitioner.add("extension", extension("birth-place", "Address", address))


def _registrar(case: Case, about: Draft, author: Element | None) -> None:
    record(case, about, stated(case, "enterer", author))
    if author is not None:
        unit = author.first("assignedEntity", "representedOrganization")
        by = department(case, unit)
        about.add("extension", extension("registered-by", "Reference", by))
        if unit is not None:
            contact = name_of(unit.first("contactParty", "contactPerson", "name"))
            about.add("extension", extension("contact-person", "String", contact))
