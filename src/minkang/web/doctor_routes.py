"""Routes of the pages on which clinicians find a resident."""

from minkang.web import doctor, own_residents

ROUTES = (
    doctor.doctor_page,
    doctor.doctor_search,
    doctor.doctor_results,
    own_residents.own_residents,
)
