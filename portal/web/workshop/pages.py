"""All pages of workshops together."""

from portal.web.workshop import debrief, desk, findings, join, live, overview, projector, scenarios, seat, tray

BLUEPRINTS = (
    overview.bp,
    scenarios.bp,
    join.bp,
    seat.bp,
    tray.bp,
    live.bp,
    projector.bp,
    desk.bp,
    findings.bp,
    debrief.bp,
)
