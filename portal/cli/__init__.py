"""The command line: `ssc-portal …`, for whoever runs the portal. A noun has a module, imported when it is asked for."""

from __future__ import annotations

import click

from portal.cli.lazy import Lazy, LazyGroup

COMMANDS = {
    "account": Lazy("portal.cli.accounts", "account", "Accounts to sign in with."),
    "archive": Lazy(
        "portal.cli.archive", "archive_group", "Archives of municipalities: everything that is theirs, in one file."
    ),
    "audit": Lazy("portal.cli.audit", "audit", "Prove that nothing was changed behind the portal's back."),
    "bank": Lazy("portal.cli.bank", "bank_group", "Files from and to the bank."),
    "business-case": Lazy(
        "portal.cli.business_case", "business_case", "Work out the business case in FILE, as JSON. Needs no database."
    ),
    "case-types": Lazy(
        "portal.cli.case_types", "case_types", "Print every case type as a table and as a Mermaid diagram."
    ),
    "demo": Lazy(
        "portal.cli.demo",
        "demo",
        "Run the portal on seeded data with scheduler and bank, all in one, for trying it out.",
    ),
    "export-log": Lazy(
        "portal.cli.event_log",
        "export_log",
        "Write what happened in all cases to a file for process mining, under pseudonyms.",
    ),
    "indicators": Lazy("portal.cli.indicators", "indicators_group", "What is measured."),
    "invoice": Lazy("portal.cli.invoice", "invoice_group", "Electronic invoices."),
    "job": Lazy("portal.cli.jobs", "job", "Run one job now, if its moment was not claimed yet."),
    "leave": Lazy("portal.cli.leave", "leave_group", "Leave of employees."),
    "ledger": Lazy("portal.cli.ledger", "ledger_group", "The journals of municipalities."),
    "migrate": Lazy("portal.cli.database", "migrate", "Bring the database up to date."),
    "rates": Lazy("portal.cli.rates", "rates_group", "Exchange rates of the European Central Bank."),
    "report": Lazy(
        "portal.cli.report",
        "report_command",
        "Write the figures of a municipality in a period, as its page shows them.",
    ),
    "revise": Lazy("portal.cli.database", "revise", "Write a migration for changed tables (for developers)."),
    "sample": Lazy("portal.cli.sample", "sample_group", "Samples of what was paid without approval beforehand."),
    "scheduler": Lazy(
        "portal.cli.jobs",
        "scheduler",
        "Keep the time: run every job when it is due, until stopped. Several may be started; one leads.",
    ),
    "settle": Lazy("portal.cli.settle", "settle", "Settle a quarter with the municipalities, and print the figures."),
    "whatif": Lazy("portal.cli.whatif", "whatif_group", "Simulated processes."),
    "seed": Lazy("portal.cli.seeding", "seed", "Fill an empty database with invented people and a history of cases."),
    "workshop": Lazy(
        "portal.cli.workshop", "workshop_group", "Workshops: practice worlds in which a process is played."
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The self-service portal of a Shared Service Center. Settings come from SSC_… environment variables."""
