"""Routes of the pages on organisations and people, and of everybody's home."""

from minkang.web import home, organisations, people, people_import, people_one

ROUTES = (
    home.home_page,
    home.home_switch,
    organisations.organisations_page,
    organisations.organisation_new,
    organisations.organisation_add,
    organisations.organisation_page,
    organisations.organisation_change,
    organisations.organisation_end,
    people.people_page,
    people.person_new,
    people.person_add,
    people.roles_page,
    people_one.person_page,
    people_one.person_change,
    people_one.person_state,
    people_one.person_sessions,
    people_one.person_give,
    people_one.person_end,
    people_import.import_page,
    people_import.import_template,
    people_import.import_check,
    people_import.import_apply,
)
