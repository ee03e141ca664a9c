"""What becomes of every column of every table in a pseudonymised world: kept, invented or empty; or no rows at all.

A table or column that is not here fails a test: whoever adds one says first what it tells about people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.queries.archive_scope import OUT

TEXT, IBAN, JSON, EMPTY, CODE = "text", "iban", "json", "empty", "code"
POLICY, KEYED, SPECIAL = "policy", "keyed", "special"
"""How a column is treated: a text that somebody typed; an account number; JSON, by its names; left empty; kept where it
is a code, a day or the number of a case, else as a text; a policy; a key, in place of which another is drawn; and what
`pseudonymised.py` makes by hand."""


@dataclass(frozen=True)
class Treated:
    """The columns of one table that stay as they are, and how each of the others is treated."""

    keep: frozenset[str]
    others: Mapping[str, str] = field(default_factory=dict)


def stays(keep: str, **others: str) -> Treated:
    """The columns that stay, and how the others are treated."""
    return Treated(frozenset(keep.split()), others)


KEPT: Mapping[str, Treated] = {
    "municipality": stays("id code name account_name bic closing_days", iban=IBAN),
    "policy": stays("id municipality_id key valid_from valid_to article source", value=POLICY),
    "unit": stays("id municipality_id parent_id name cost_centre valid_to"),
    "employment": stays("id person_id unit_id valid_from valid_to", personnel_number=SPECIAL, job_title=SPECIAL),
    "employment_pattern": stays("id employment_id valid_from weeks anchor set_at"),
    "employment_pattern_day": stays("pattern_id day minutes"),
    "minimum_occupancy": stays("id unit_id people valid_from set_at", job_title=SPECIAL),
    "manager_relation": stays("id unit_id manager_id valid_from valid_to"),
    "mandate": stays("id person_id municipality_id kind maximum_cents cost_centres designated valid_from valid_to"),
    "role_grant": stays("id person_id role municipality_id valid_from valid_to"),
    "preparer_consent": stays("id person_id preparer_id valid_from valid_to given_at"),
    "substitution": stays("id absent_id substitute_id valid_from valid_to from_leave"),
    "standing_substitute": stays("id person_id substitute_id named_at"),
    "person_account": stays(
        "id person_id changed_at changed_by_id checked_by_id case_id released_at released_by_id", iban=IBAN
    ),
    "case": stays(
        "id type number state version waits_for municipality_id parent_id employment_id initiator_id preparer_id "
        "approver_id assignee_id assigned_at claimed_cents sanctioned_cents cost_centre period_from period_to "
        "drafted_at created_at received_at state_since step_due act_by target_due legal_due "
        "suspended_since reminded_at escalated_at closed_at result destroy_on trail",
        title=SPECIAL,
        words=SPECIAL,
        client_key=KEYED,
        content=JSON,
        draft=EMPTY,
        ticks=JSON,
        bound=JSON,
        flags=JSON,
        handed=JSON,
    ),
    "case_event": stays(
        "id case_id action from_state to_state enabled_at started_at at actor_id on_behalf_of_id channel "
        "said previous_hash hash",
        reason=TEXT,
        data=JSON,
        salt=EMPTY,
    ),
    "case_flag": stays(
        "id case_id line_key code asks raised_at settled_at settled_by_id settled_as",
        about=CODE,
        values=JSON,
        reason=TEXT,
    ),
    "case_line": stays("id case_id line_key person_id category day cents granted_cents days stands", alike=TEXT),
    "case_bill": stays("id case_id supplier_id issued cents credit", name=TEXT, number=TEXT, iban=IBAN),
    "coded_line": stays("id case_id line_key municipality_id supplier_id account cost_centre task", alike=TEXT),
    "document": stays(
        "id case_id line_key kind pages added_by_id added_at frozen_at",
        name=SPECIAL,
        media_type=SPECIAL,
        size=SPECIAL,
        sha256=SPECIAL,
        original_sha256=SPECIAL,
        thumb_sha256=SPECIAL,
    ),
    "receipt_statement": stays("id case_id line_key person_id day signed_at"),
    "contact": stays(
        "id person_id clerk_id municipality_id supplier_id at channel line", caller=TEXT, client_key=KEYED
    ),
    "contact_question": stays(
        "id contact_id case_id version subject state line due promised_by_id attempts reminded_at escalated_at",
        asked=TEXT,
        answer=TEXT,
    ),
    "contact_entry": stays("id question_id at by_id kind", text=TEXT, about=CODE),
    "payable": stays("id case_id municipality_id payee_id supplier_id cents created_at pay_from closed_at"),
    "payment_batch": stays(
        "id municipality_id message_id execution_date debtor_name released_at released_by_id delivered_at",
        debtor_iban=IBAN,
        file=SPECIAL,
        sha256=SPECIAL,
        count=SPECIAL,
        cents=SPECIAL,
    ),
    "batch_line": stays(
        "id batch_id released_by_id payable_id end_to_end_id cents submitter_id preparer_id approver_id "
        "second_approver_id checker_id account_changed_by_id account_checked_by_id accepted_at settled_at "
        "returned_at settled_by returned_by return_code",
        name=TEXT,
        iban=IBAN,
    ),
    "outstanding": stays(
        "id case_id person_id supplier_id municipality_id kind cents settled_cents created_at held_at voided_at"
    ),
    "settlement": stays("id outstanding_id case_id bank_entry_id cents at undone_at"),
    "bank_entry": stays(
        "id bank_file_id municipality_id booked_on cents why resolved_at resolved_by_id",
        reference=TEXT,
        name=TEXT,
        iban=IBAN,
        description=TEXT,
        resolution=TEXT,
    ),
    "bank_file": stays(
        "id kind received_at accepted settled returned unmatched refused detail",
        sha256=SPECIAL,
        name=TEXT,
        message_id=TEXT,
    ),
    "leave_lot": stays("id person_id municipality_id kind valid_from last_day ends_as source created_at"),
    "leave_entry": stays(
        "id person_id municipality_id lot_id kind what minutes day part occasion recorded_at case_id by_id second_id",
        reason=TEXT,
    ),
    "leave_correction": stays(
        "id lot_id person_id municipality_id minutes day asked_at asked_by_id decided_at decided_by_id granted",
        reason=TEXT,
    ),
    "leave_lapse": stays(
        "id lot_id person_id municipality_id ends_as minutes proposed_at settled_at settled_by_id posted told_at",
        kept_because=TEXT,
    ),
    "chart_entry": stays(
        "id municipality_id kind code label side category account task vat valid_from valid_to source"
    ),
    "ledger_book": stays("id municipality_id begins_on opened_at opened_by_id"),
    "service": stays("id key name name_en unit delivered_by valid_from valid_to source"),
    "service_terms": stays(
        "id service_id municipality_id description description_en rules rules_en norms valid_from valid_to source"
    ),
    "service_price": stays("id service_id municipality_id cents valid_from valid_to source"),
    "supplier": stays(
        "id country language terms_days blocked_at created_at created_by_id approved_by_id",
        name=SPECIAL,
        kvk=SPECIAL,
        vat=SPECIAL,
        endpoint=EMPTY,
        street=SPECIAL,
        postcode=SPECIAL,
        town=SPECIAL,
        email=SPECIAL,
        phone=SPECIAL,
        blocked_because=TEXT,
        bare=SPECIAL,
        words=SPECIAL,
    ),
    "supplier_account": stays(
        "id supplier_id guarantee valid_from follows_id request_id changed_at changed_by_id "
        "checked_by_id contact_id released_at released_by_id",
        iban=IBAN,
    ),
    "person": stays(
        "id email_changed_at language daily_hour",
        given_name=SPECIAL,
        family_name=SPECIAL,
        email=SPECIAL,
        phone=SPECIAL,
        words=SPECIAL,
    ),
}

LEFT_OUT: Mapping[str, str] = {
    **OUT,
    "role_request": "why somebody asked for a role is typed freely",
    "change": "the log of administration is full of names and reasons",
    "people_import": "a file with the people of a municipality",
    "dossier_read": "who read whose dossier is told to the person concerned alone",
    "outbox_mail": "letters name people; the world writes its own",
    "invoice_file": "what came in from suppliers; the case and its document are there",
    "leave_notice": "proof that somebody was told in earnest",
    "journal_entry": "booked anew by the world itself, from the cases",
    "journal_line": "booked anew by the world itself, from the cases",
    "ledger_close": "months are closed by people",
    "satisfaction": "employees were promised that nobody sees which mark is theirs",
    "sample_seed": "a secret of the portal, by which one could draw again",
    "sample_draw": "drawn by a secret of the portal",
    "destruction_list": "what is destroyed in earnest",
    "destruction_item": "what is destroyed in earnest",
    "destruction_contact": "what is destroyed in earnest",
    "agreement": "signed by people in earnest",
    "business_case_version": "about costs in earnest",
    "business_case_year": "about costs in earnest",
    "goal": "agreed by people in earnest",
    "real_cost": "about costs in earnest",
    "evaluation": "concluded by people in earnest",
    "report": "published in earnest",
    "task_division": "agreed by people in earnest",
    "trial_run": "about the trial itself",
    "trial_check": "about the trial itself",
    "trial_finding": "about the trial itself",
}
"""What is not in such a world at all, and why."""
