"""The report: one static site that opens from disk and reads the published marts in pieces.

Nothing is counted here: a number in the report is a number of a mart. `site` writes the folder, `pieces`
cuts the marts into files, `overview` says what the site is about, `history` what its vintage
revises; what a reader sees is in `static`.
"""

from assets.report.history import History
from assets.report.site import ReportSummary, write_report

__all__ = ["History", "ReportSummary", "write_report"]
