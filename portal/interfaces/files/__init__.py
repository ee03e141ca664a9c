"""Uploaded files: judged and cleaned (`take_in`), scanned (`ClamdScanner`), kept by content (`FileStore`)."""

from portal.interfaces.files.antivirus import ClamdScanner, Scanner, ScannerUnavailable
from portal.interfaces.files.intake import EXTENSIONS, MAX_BYTES, Intake, take_in
from portal.interfaces.files.names import MAX_NAME, clean_name
from portal.interfaces.files.pdfs import MAX_PAGES
from portal.interfaces.files.pictures import Drawn, PageUnshowable
from portal.interfaces.files.refusal import REFUSAL_CODES, FileRefused, RefusalCode
from portal.interfaces.files.scans import Part
from portal.interfaces.files.store import FileCorrupt, FileMissing, FileStore

__all__ = [
    "EXTENSIONS",
    "MAX_BYTES",
    "MAX_NAME",
    "MAX_PAGES",
    "REFUSAL_CODES",
    "ClamdScanner",
    "Drawn",
    "FileCorrupt",
    "FileMissing",
    "FileRefused",
    "FileStore",
    "Intake",
    "PageUnshowable",
    "Part",
    "RefusalCode",
    "Scanner",
    "ScannerUnavailable",
    "clean_name",
    "take_in",
]
