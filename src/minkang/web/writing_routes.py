"""Routes of the pages on which clinicians write into a record."""

from minkang.web import forms, notes

ROUTES = (
    notes.notes_page,
    notes.note_new,
    notes.note_page,
    notes.note_save,
    notes.note_withdraw_page,
    notes.note_withdraw,
    forms.form_page,
    forms.form_check,
    forms.form_save,
)
