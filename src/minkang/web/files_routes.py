"""The doors of health files and of corrections."""

from typing import Final

from minkang.web import (
    corrections,
    corrections_own,
    files,
    files_own,
    files_rates,
    files_sheet,
)

ROUTES: Final = (
    files.files_page,
    files_rates.rates_page,
    files.file_page,
    files.file_change,
    files_sheet.sheet_page,
    files_sheet.sheet_write,
    files_own.own_file,
    files_own.own_file_begin,
    corrections.corrections_page,
    corrections.correction_page,
    corrections.correction_answer,
    corrections_own.own_corrections,
    corrections_own.own_correction_ask,
)
