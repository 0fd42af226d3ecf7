"""Routes of the pages on which clinicians find a resident."""

from minkang.web import doctor, doctor_today, own_residents

ROUTES = (
    doctor.doctor_page,
    doctor.doctor_search,
    doctor.doctor_results,
    doctor_today.today_list,
    doctor_today.today_events,
    own_residents.own_residents,
)
