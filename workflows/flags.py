"""What can be flagged about a case: per code what people call it, what is said, and how it is settled.

Belongs here: one row a code, whichever case type raises it. Does not belong here: when it is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.parties import N_

DOUBLE, NOT_DOUBLE = "double", "not_double"
ABOUT_DAYS: Mapping[str, str] = {"right": N_("Both are right"), "wrong": N_("One of them is wrong")}
ABOUT_DOUBLES: Mapping[str, str] = {NOT_DOUBLE: N_("Not a duplicate"), DOUBLE: N_("It is a duplicate")}

ABOUT_ACCOUNTS: Mapping[str, str] = {
    "confirmed": N_("The supplier confirmed the account that we pay to"),
    "mended": N_("The account is not theirs, and was seen to"),
}
ABOUT_GUARANTEES: Mapping[str, str] = {"whole": N_("The supplier wants all of it on the ordinary account")}


@dataclass(frozen=True, slots=True)
class FlagKind:
    """One thing that can be flagged. `said` is the sentence for whoever may know of the other case, `apart` for others.

    `answers` are the ways in which somebody settles it, with their labels; a flag without answers asks for nothing.
    """

    code: str
    label: str
    said: str
    apart: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    after_call: bool = False
    """Whether it is settled only after a colleague called the supplier on the known number, and by somebody else."""

    @property
    def asks(self) -> bool:
        """Whether a clerk must settle it before the check can end."""
        return bool(self.answers)


FLAG_KINDS: Mapping[str, FlagKind] = {
    kind.code: kind
    for kind in (
        FlagKind("duplicate_file", N_("Same receipt"), N_("The same file was handed in with %(other)s."),
                 N_("The same file was handed in before, with another request."), ABOUT_DOUBLES),
        FlagKind("duplicate_facts", N_("Same expense"),
                 N_("This employee claimed the same kind of expense, day and amount in %(other)s."),
                 N_("This employee claimed the same kind of expense, day and amount before."), ABOUT_DOUBLES),
        FlagKind("twice_in_claim", N_("Twice in this claim"),
                 N_("Line %(earlier)s of this claim is the same expense, on the same file."), answers=ABOUT_DOUBLES),
        FlagKind("duplicate_alike", N_("Same as a colleague"),
                 N_("Somebody else claimed the same day, amount and description in %(other)s."),
                 N_("Somebody else claimed the same day, amount and description.")),
        FlagKind("home_and_commuting", N_("At home and at work"),
                 N_("Working at home and travelling to work are claimed for the same day, the other in %(other)s."),
                 N_("Working at home and travelling to work are claimed for the same day."), ABOUT_DAYS),
        FlagKind("invoice_alike", N_("Possibly paid before"),
                 N_("It looks like %(other)s (%(score)s of 100). The same: %(same)s."),
                 N_("It looks like another invoice (%(score)s of 100). The same: %(same)s."), ABOUT_DOUBLES),
        FlagKind("invoice_claimed", N_("Possibly claimed by an employee"),
                 N_("An employee claimed this amount of this day, from this supplier, in %(other)s."),
                 N_("An employee claimed this amount of this day, from this supplier."), ABOUT_DOUBLES),
        FlagKind("claim_file", N_("Same file as a claim"),
                 N_("An employee claimed with the same file in %(other)s."),
                 N_("An employee claimed with the same file."), ABOUT_DOUBLES),
        FlagKind("claim_invoiced", N_("Possibly invoiced by the supplier"),
                 N_("A supplier invoiced this amount of this day in %(other)s."),
                 N_("A supplier invoiced this amount of this day."), ABOUT_DOUBLES),
        FlagKind("invoice_file", N_("Same file as an invoice"),
                 N_("The same file is the invoice of a supplier in %(other)s."),
                 N_("The same file is the invoice of a supplier."), ABOUT_DOUBLES),
        FlagKind("iban_differs", N_("Another account number"),
                 N_("The invoice names account %(iban)s, which is not one of this supplier. Payments go to %(known)s."),
                 answers=ABOUT_ACCOUNTS, after_call=True),
        FlagKind("iban_lately", N_("Account changed lately"),
                 N_("The account of this supplier was changed on %(since)s."),
                 answers=ABOUT_ACCOUNTS, after_call=True),
        FlagKind("guarantee_part", N_("Part for a G-account"),
                 N_("The invoice asks for %(guarantee)s on G-account %(iban)s. The portal pays all of it to the "
                    "ordinary account. Agree that with the supplier, or dispute or reject the invoice."),
                 answers=ABOUT_GUARANTEES, after_call=True),
        FlagKind("cost_centres", N_("Other cost centres"),
                 N_("It is approved for cost centre %(asked)s. The lines are coded on %(coded)s.")),
        FlagKind("einvoice_profile", N_("Rules of the profile"),
                 N_("The electronic invoice breaks rules of its profile: %(rules)s.")),
        FlagKind("attachment_refused", N_("Attachment left out"),
                 N_("The attachment %(name)s was not taken in: it is not safe or cannot be read.")),
        FlagKind("cap_cut", N_("Cut off"), N_("%(over)s is not paid: the most is %(cap)s %(per)s.")),
        FlagKind("cap_warned", N_("Above the usual most"),
                 N_("This is %(over)s above the usual most of %(cap)s %(per)s.")),
        FlagKind("no_receipt", N_("No receipt"),
                 N_("There is no receipt but a signed statement, number %(count)s of %(year)s.")),
        FlagKind("own_rate", N_("Own rate"),
                 N_("Converted from %(currency)s at the rate of the employee's own bank.")),
        FlagKind("late", N_("Claimed late"),
                 N_("More than %(months)s months after the expense. The employee says: %(reason)s")),
    )
}  # fmt: skip
