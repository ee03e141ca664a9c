"""Post of the last days: paper that is with its case by the code on its sheet, and a page that came in without one."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from portal.commands import post
from portal.interfaces.cover_codes import code_for
from portal.interfaces.files import Part, take_in
from portal.models.cases import Case
from portal.worlds import COVER
from seed.evidence import drawn, intake_of
from seed.office import earlier
from seed.stage import Stage
from workflows.parties import Party


class PostRoom:
    """The scanner in the SSC's post room."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def plan(self) -> None:
        """Two scans, of this morning and of yesterday."""
        self._stage.plan(self._ago(11), partial(self._arrives, "scan-0001.pdf", with_sheet=True))
        self._stage.plan(self._ago(2.5), partial(self._arrives, "scan-0002.pdf", with_sheet=False))

    def _ago(self, hours: float) -> datetime:
        return earlier(self._stage.ssc_office, self._stage.until, hours)

    def _arrives(self, name: str, *, with_sheet: bool) -> None:
        stage = self._stage
        content = self._page(name)
        case = self._case() if with_sheet else None
        key = stage.world.key(COVER)
        code = code_for(key, case.number or "") if case else ""
        part = Part(2 if code else 1, 1, code, take_in(content, f"{name[:-4]}-1.pdf"))
        arrived = post.Arrived(name, hashlib.sha256(content).hexdigest(), part.first_page, [part])
        post.take_in(stage.session, stage.files, key, arrived, stage.now)

    def _case(self) -> Case | None:
        """The first claim that waits for a check."""
        waits = Case.waits_for == Party.CLERK.name
        query = select(Case.id).where(waits, Case.type == "expense_claim", Case.assignee_id.is_(None))
        found = self._stage.session.scalars(query.order_by(Case.id.desc()).limit(1)).first()
        return self._stage.case(found) if found else None

    def _page(self, name: str) -> bytes:
        """A till receipt as the scanner makes a PDF of it; the same each time."""
        rng = self._stage.rng("post", name)
        receipt = drawn(rng, "meal", self._ago(30).date())
        photo = Image.open(BytesIO(intake_of(receipt, name).content)).convert("L")
        sheet = Image.new("L", (827, 1169), 252)
        sheet.paste(photo.resize((480, 720)), (150, 160))
        out = BytesIO()
        sheet.save(out, "PDF", resolution=100, quality=60, creationDate=None, modDate=None)
        return out.getvalue()
