"""One self-contained HTML file that shows how a reader performed."""

from polyclinic.report.contents import (
    NOTICE,
    Command,
    Message,
    Overlay,
    Plot,
    ReportContents,
    Run,
    Split,
    Table,
    metric_table,
)
from polyclinic.report.measurements import measurement_summary
from polyclinic.report.page import render_report, write_report
from polyclinic.report.split import split_section

__all__ = [
    "NOTICE",
    "Command",
    "Message",
    "Overlay",
    "Plot",
    "ReportContents",
    "Run",
    "Split",
    "Table",
    "measurement_summary",
    "metric_table",
    "render_report",
    "split_section",
    "write_report",
]
