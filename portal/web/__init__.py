"""HTTP only: one blueprint a group of screens. Whatever changes something is a command, whatever looks is a query."""

from portal.web import (
    account,
    admin,
    approvals,
    bank,
    bench,
    cases,
    contact,
    decide,
    demo,
    drafts,
    files,
    home,
    pages,
    payments,
    people,
    reading,
)

BLUEPRINTS = (
    account.bp,
    admin.bp,
    approvals.bp,
    bank.bp,
    cases.bp,
    contact.bp,
    decide.bp,
    demo.bp,
    drafts.bp,
    files.bp,
    home.bp,
    pages.bp,
    payments.bp,
    people.bp,
    bench.bp,
    reading.bp,
)
