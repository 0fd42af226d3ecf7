"""Routes of a resident's record as clinicians open it, and of consent at their desk."""

from minkang.web import consents_desk, record, record_fact, record_print

ROUTES = (
    record.record_page,
    record.record_body,
    record.record_events,
    record_fact.record_fact,
    record_print.record_print,
    record_print.own_print,
    consents_desk.record_code,
    consents_desk.record_consent,
)
