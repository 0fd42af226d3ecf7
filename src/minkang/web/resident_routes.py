"""Routes of the residents' pages and of the desks that answer them."""

from minkang.web import (
    consents,
    family,
    family_desk,
    looks,
    notices,
    objections,
    resident,
    resident_pages,
)

ROUTES = (
    consents.my_consent,
    consents.my_consent_change,
    consents.ward_consent,
    consents.ward_consent_change,
    resident.my_home,
    resident.my_more,
    *resident_pages.PAGES,
    looks.my_access,
    looks.ward_access,
    notices.notice_seen,
    objections.my_objection,
    objections.ward_objection,
    objections.objections_page,
    objections.objection_answer,
    family.family_page,
    family.family_ask,
    family.family_end,
    family_desk.families_page,
    family_desk.families_record,
    family_desk.families_decide,
    resident.my_code,
    resident.my_code_picture,
)
