"""The files that come with the standard, judged: `make samples`.

Not part of `make test`, which needs no network: the samples belong to factur-x, are fetched in the version that is
locked here, and are not kept. Exits with 1 when one is judged otherwise than its name says.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from portal.interfaces.einvoice import Verdict, check

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
EXPECTED = {
    "factur-x-minimum.xml": Verdict.INVALID,
    "factur-x-basicwl.xml": Verdict.INVALID,
    "factur-x-basic.xml": Verdict.VALID,
    "factur-x-en16931.xml": Verdict.VALID,
    "factur-x-extended.xml": Verdict.VALID,
    "invoice_EN16931.pdf": Verdict.VALID,
    "ubl-21-en16931.xml": Verdict.VALID,
    "ubl-21-extended-ctc-fr.xml": Verdict.VALID,
    "order-x-basic.xml": Verdict.NOT_AN_INVOICE,
    "order-x-comfort.xml": Verdict.NOT_AN_INVOICE,
    "zugferd-basic.xml": Verdict.NOT_AN_INVOICE,
    "zugferd-comfort.xml": Verdict.NOT_AN_INVOICE,
    "zugferd-extended.xml": Verdict.NOT_AN_INVOICE,
}
"""What each is worth; a file that is not here is a difference too."""


def pinned() -> str:
    """The requirement of factur-x as the lock has it."""
    found = re.search(r"^factur-x==\S+", LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("factur-x is not in the lock")
    return found[0]


def fetched(folder: Path) -> list[Path]:
    """The samples in the source archive of that version."""
    fetch = ["download", "--quiet", "--no-deps", "--no-build-isolation", "--no-binary", "factur-x", pinned()]
    subprocess.run([sys.executable, "-m", "pip", *fetch, "--dest", str(folder)], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return sorted(file for file in folder.glob("*/tests/fixtures/*/*") if file.suffix in (".xml", ".pdf"))


def main() -> int:
    """Judge them all and print what each was found to be."""
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        files = fetched(Path(made))
        for file in files:
            checked = check(file.read_bytes())
            right = checked.verdict is EXPECTED.get(file.name)
            wrong += not right
            why = checked.error or " ".join(found.rule for found in checked.findings) or checked.judged_by
            print(f"{'as named' if right else 'DIFFERS '}  {file.name:28}  {checked.verdict.value:15}  {why}")
    missing = EXPECTED.keys() - {file.name for file in files}
    for name in sorted(missing):
        print(f"MISSING   {name}")
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
