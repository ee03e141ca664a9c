"""The timetable: each job with when it runs, how the last time went, how far it is, and its runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.jobs.rhythm import Every, Monthly, Rhythm
from portal.jobs.timetable import JOBS, Job
from portal.models.jobs import JobLook, JobRun
from portal.queries import jobs as queries
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.sent import whole
from workflows.parties import N_

SILENT = timedelta(hours=1)
"""A run that gives no sign of life for so long has probably been cut short."""
STILL = timedelta(minutes=10)
"""When no job looked for so long, the scheduler stands still."""


@dataclass(frozen=True)
class Standing:
    """How one job stands: its last look, what runs now, and when it is due next."""

    job: Job
    look: JobLook | None
    running: JobRun | None
    silent: bool
    next: datetime


def standings(now: datetime) -> list[Standing]:
    """Every job, in the order of the timetable."""
    looked, open_runs = queries.looks(uow.session()), queries.unfinished(uow.session())
    found = []
    for job in JOBS:
        running = open_runs.get(job.key)
        silent = running is not None and (running.alive_at or running.started_at) < now - SILENT
        found.append(Standing(job, looked.get(job.key), running, silent, job.next(now)))
    return found


@bp.get("/taken")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_timetable() -> ResponseReturnValue:
    """Every job on one page, which looks again by itself."""
    found = standings(uow.now())
    latest = max((one.look.at for one in found if one.look), default=None)
    busy = [one for one in found if one.running and not one.silent]
    stands_still = latest is not None and latest < uow.now() - STILL and not busy
    return render_template("admin/timetable.html", standings=found, busy=busy, latest=latest, still=stands_still)


@bp.get("/taken/<key>")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_job(key: str) -> ResponseReturnValue:
    """One job and its runs, the latest first."""
    standing = next((one for one in standings(uow.now()) if one.job.key == key), None)
    if standing is None:
        abort(HTTPStatus.NOT_FOUND)
    runs, after = queries.runs_of(uow.session(), key, whole(request.args.get("after", "")))
    return render_template(
        "admin/job.html",
        standing=standing,
        runs=runs,
        next_url=url_for("admin.show_job", key=key, after=after) if after else None,
        first_url=url_for("admin.show_job", key=key) if "after" in request.args else None,
    )


def rhythm_said(rhythm: Rhythm) -> str:
    """When a job is due, in words."""
    match rhythm:
        case Monthly(day, hour):
            clock = f"{hour:02}:00"
            return i18n.gettext(N_("Each month, on day %(day)s at %(hour)s"), day=day, hour=clock)
        case Every(apart):
            return _every(round(apart.total_seconds()))
        case _:
            return ""


def _every(seconds: int) -> str:
    if seconds % 86_400 == 0:
        return i18n.ngettext("Every day", "Every %(num)s days", seconds // 86_400)
    if seconds % 3600 == 0:
        return i18n.ngettext("Every hour", "Every %(num)s hours", seconds // 3600)
    if seconds % 60 == 0:
        return i18n.ngettext("Every minute", "Every %(num)s minutes", seconds // 60)
    return i18n.ngettext("Every second", "Every %(num)s seconds", seconds)


def duration_said(milliseconds: int | None) -> str:
    """How long something took, in words; nothing when nobody knows."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 10_000:
        return f"{i18n.number(Decimal(milliseconds // 100) / 10)} s"
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@bp.app_template_filter("rhythm")
def _rhythm(job: Job) -> str:
    return rhythm_said(job.rhythm)


bp.add_app_template_filter(duration_said, "duration")
