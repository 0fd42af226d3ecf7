"""Health files (居民健康档案): opened, completed, handed on, closed; quality, coverage, use.

Lives here: the sheet of basic information as it stands over all sources (`sheets_of`), what is done
with a file (`steps`), its quality (`judge`), what counts as use (`uses.yaml`), rates, the work list
of who keeps files, residents' requests for corrections. Does not live here: the record itself
(`record`), who lives where (identity's register), who may do it (policy: `list-files`, `keep-file`,
`see-file-rates`, `own-file`, `answer-corrections`), how it looks (web).

Use `follow_files` and `fill_files` in a worker, `file_of_person`, `open_file`, `write_sheet`,
`transfer_file`, `close_file`, `reopen_file` for one file, `rates` and `work_of` for many.
"""

from minkang.record.files.file import File, file_of_person, steps_of
from minkang.record.files.fill import Filled, fill_files
from minkang.record.files.follow import follow_files, follow_looks
from minkang.record.files.quality import Quality, judge
from minkang.record.files.rates import Rate, rates
from minkang.record.files.refused import FileRefused
from minkang.record.files.sheet import Sheet, sheets_of
from minkang.record.files.steps import (
    By,
    close_file,
    open_file,
    reopen_file,
    transfer_file,
    write_sheet,
)
from minkang.record.files.work import work_counts, work_of

__all__ = [
    "By",
    "File",
    "FileRefused",
    "Filled",
    "Quality",
    "Rate",
    "Sheet",
    "close_file",
    "file_of_person",
    "fill_files",
    "follow_files",
    "follow_looks",
    "judge",
    "open_file",
    "rates",
    "reopen_file",
    "sheets_of",
    "steps_of",
    "transfer_file",
    "work_counts",
    "work_of",
    "write_sheet",
]
