"""Which policies exist: per key what it is about, what kind of value it has, and how a typed value is read.

Belongs here: one row a key, whoever reads it. A key that is not in this table cannot be entered. Does not belong here:
the values, which are dated data with a source, or what follows from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from workflows import addressees, caps, leave_kinds, work_patterns
from workflows.hours import hours_text, read_hours
from workflows.kernel import Refusal, Refused
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_


class Kind(Enum):
    """What a value is. Stored as text: cents, minutes, a plain number, "1" or "0", a word of the choices, or JSON."""

    AMOUNT = "amount"
    """Whole cents; typed in euros."""
    RATE = "rate"
    """Cents for each unit, to a hundredth of a cent; typed in euros."""
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    NUMBER = "number"
    PERCENT = "percent"
    """From 0 to 100, with two decimals at most."""
    HOURS = "hours"
    """Whole minutes; typed in hours."""
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    """One line, such as a personnel number."""
    RECORD = "record"
    """JSON of a shape that the key itself judges."""


WHOLE = frozenset({Kind.WORKING_DAYS, Kind.DAYS, Kind.MONTHS, Kind.NUMBER})
LONGEST = 60
LARGEST = 100_000
"""No term and no count is longer; more is a slip of the hand."""

SWITCHED: Mapping[str, str] = {"1": N_("Yes"), "0": N_("No")}


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """One policy that can be agreed. `unit` is what a rate is for; `choices` are the words of a CHOICE with labels.

    `shape` says what is wrong with the parsed JSON of a RECORD, in sentences marked for translation.
    """

    key: str
    label: str
    kind: Kind
    help: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[Any], Iterable[str]] = lambda _: ()


FLAGGED_BEYOND, REFUSED_BEYOND = "flag", "refuse"
CAPPED: Mapping[str, str] = {
    "public_transport": N_("At most for train, tram or bus"),
    "own_car": N_("At most for the own car"),
    "commuting": N_("At most for travelling to work"),
    "meal": N_("At most for lunch or dinner"),
    "parking": N_("At most for parking"),
    "lodging": N_("At most for a hotel"),
    "home_working": N_("At most for working at home"),
    "study": N_("At most for a course or books"),
    "other": N_("At most for something else"),
}
"""The kinds of expense for which a cap can be agreed, with what people call that."""
CAP_HELP = N_(
    "For a line, day, month or year, in cents: cut what is above it, or warn the SSC. The day of the expense decides."
)
LEAVE_HELP = N_(
    "How much of the salary is paid, and the most that is taken: in weeks or minutes, per occasion, months or year."
)
NO_LIST = N_('Write the kinds of expense as a list, such as ["meal", "parking"].')
UNKNOWN_KIND = N_("The list holds a kind of expense that does not exist.")


def _kinds(found: Any) -> Iterable[str]:
    """What is wrong with a list of kinds of expense."""
    if not isinstance(found, list) or not found:
        return [NO_LIST]
    return [] if all(isinstance(one, str) and one in CAPPED for one in found) else [UNKNOWN_KIND]


POLICY_KEYS: Mapping[str, PolicyKey] = {
    row.key: row
    for row in (
        PolicyKey("rate_km_cents", N_("Own car, for each kilometre"), Kind.RATE,
                  N_("What the employee gets for each kilometre. The date of the journey decides which rate holds."),
                  unit=N_("kilometre")),
        PolicyKey("rate_home_cents", N_("Working at home, for each day"), Kind.RATE,
                  N_("What the employee gets for each day of working at home."), unit=N_("day")),
        PolicyKey("link_limit_cents", N_("Deciding from a mail without signing in, up to"), Kind.AMOUNT,
                  N_("Up to this amount a manager decides by the link in the mail alone. Zero: always sign in.")),
        PolicyKey("address_hold_days", N_("How long a new mail address asks to sign in"), Kind.DAYS,
                  N_("Until then nobody decides by a mailed link alone. Not agreed: it always asks to sign in.")),
        PolicyKey("account_hold_days", N_("How long payments to a changed account wait"), Kind.WORKING_DAYS,
                  N_("A treasurer who neither asked for the account nor checked it can end the waiting.")),
        PolicyKey("advance_limit_cents", N_("An advance is at most"), Kind.AMOUNT,
                  N_("Nobody can ask for more in one advance. Without an amount no advances are given.")),
        PolicyKey("advance_term_days", N_("How long an advance may be out"), Kind.DAYS,
                  N_("Counted from the day on which it was paid. When it is over, the employee is reminded.")),
        PolicyKey("claim_term_months", N_("How long after the expense it can be claimed"), Kind.MONTHS,
                  N_("Who is later says why, and the SSC sees that.")),
        PolicyKey("claim_categories", N_("What can be claimed"), Kind.RECORD,
                  N_("The kinds of expense that this municipality pays with a claim. Without it all of them."),
                  shape=_kinds),
        *(PolicyKey(caps.key_of(kind), label, Kind.RECORD, CAP_HELP, shape=caps.shape)
          for kind, label in CAPPED.items()),
        PolicyKey("contact_answer_days", N_("How soon a question must be answered"), Kind.WORKING_DAYS,
                  N_("Counted from the day on which it was asked. Clerks are reminded on the last day.")),
        PolicyKey("call_back_days", N_("How soon somebody is called back"), Kind.WORKING_DAYS,
                  N_("Holds for each promise to call, unless another day was agreed on. Zero is the same day.")),
        PolicyKey("contact_keep_months", N_("How long a contact without a case is kept"), Kind.MONTHS,
                  N_("Counted from the last that was done about it. Not agreed: it is kept for good.")),
        PolicyKey("sampling_limit_cents", N_("No approval beforehand, below"), Kind.AMOUNT,
                  N_("Below it the SSC checks at once, and a sample is judged afterwards. Zero: always ask.")),
        PolicyKey("sampling_period_days", N_("Small claims of one person count together over"), Kind.DAYS,
                  N_("So that nobody cuts up a claim to stay below the amount. Zero: each claim counts by itself.")),
        PolicyKey("sampling_period_cents", N_("No approval beforehand, small claims together below"), Kind.AMOUNT,
                  N_("From this sum on the manager is asked first. Not agreed: the amount for one claim.")),
        PolicyKey("sampling_percent", N_("How many are drawn for the sample"), Kind.PERCENT,
                  N_("Of what was paid without approval beforehand, for the manager to judge afterwards.")),
        PolicyKey("sampling_percent_failed", N_("How many are drawn of those who failed"), Kind.PERCENT,
                  N_("For employees of whom a sample was not right in the last twelve months.")),
        PolicyKey("invoice_contact", N_("Who is told of invoices of which nobody knows who ordered them"), Kind.TEXT,
                  N_("The personnel number of an employee of this municipality, who passes them on to a colleague.")),
        PolicyKey("invoice_addresses", N_("Electronic addresses on which invoices for it come in"), Kind.TEXT,
                  N_("Such as 0190 and an OIN with a colon between them; several with a space. "
                     "Without one the name on the invoice decides.")),
        PolicyKey("pay_days_before", N_("How long before its last day an invoice is paid"), Kind.WORKING_DAYS,
                  N_("In days on which banks pay. From then on it is among the proposed payments, and not before.")),
        PolicyKey("late_interest_percent", N_("Interest on invoices that are paid late, a year"), Kind.PERCENT,
                  N_("The statutory commercial interest: what the European Central Bank asks, and 8 points more.")),
        PolicyKey("late_costs_cents", N_("Costs of an invoice that is paid late, at least"), Kind.AMOUNT,
                  N_("What the law gives the supplier at least, for each invoice, besides the interest.")),
        PolicyKey("receipts_by_post", N_("A claim may be handed in before its receipts are there"), Kind.SWITCH,
                  N_("They come by post, with the cover sheet of the claim. The SSC pays only once they are there.")),
        PolicyKey("statements_most", N_("Expenses without a receipt, for each person in a year"), Kind.NUMBER,
                  N_("How many statements instead of a receipt one person may sign. Not agreed: no limit.")),
        PolicyKey("statements_beyond", N_("Beyond the most expenses without a receipt"), Kind.CHOICE,
                  N_("What happens with an expense beyond that number."),
                  choices={FLAGGED_BEYOND: N_("Show it to whoever decides"), REFUSED_BEYOND: N_("Refuse it")}),
        PolicyKey(work_patterns.POLICY, N_("Work pattern of who has none of their own"), Kind.RECORD,
                  N_("Minutes from Monday to Sunday, of one week or two that take turns. It says what full time is."),
                  shape=work_patterns.wrong_weeks),
        PolicyKey("leave_statutory_weeks", N_("Statutory leave in a year, in weeks"), Kind.NUMBER,
                  N_("So many times the hours of a week. Without it nobody is given leave.")),
        PolicyKey("leave_extra_minutes", N_("Leave above the statutory minimum, full time, in a year"), Kind.HOURS,
                  N_("Who works less gets less. What full time is follows from the work pattern that was agreed.")),
        PolicyKey("leave_unit_minutes", N_("The leave of a year is rounded up to, in minutes"), Kind.NUMBER,
                  N_("Once, at the end of the sum. Not agreed: to a whole minute.")),
        PolicyKey("leave_lapse_months", N_("When statutory leave lapses after its year"), Kind.MONTHS,
                  N_("Not agreed: six months, as the law says. It lapses only if the employee was told in time.")),
        PolicyKey("leave_prescribe_years", N_("When other leave prescribes after its year, in years"), Kind.NUMBER,
                  N_("Not agreed: five years, as the law says.")),
        PolicyKey("leave_notice_days", N_("How long before statutory leave lapses people are told"), Kind.DAYS,
                  N_("By mail, with the hours and the day. Not agreed: nobody is told, so nothing lapses.")),
        PolicyKey("leave_notice_least_days", N_("How long before it lapses people must have been told"), Kind.DAYS,
                  N_("Told later, they could not take it in time: it does not lapse. Not agreed: on its last day.")),
        PolicyKey("sickness_joined_days", N_("Ill again within so many days is the same sickness"), Kind.DAYS,
                  N_("Counted from recovery. Not agreed: four weeks, as the law says (Civil Code 7:629, section 10).")),
        PolicyKey("leave_bought_minutes", N_("Leave that can be bought in a year"), Kind.HOURS,
                  N_("At most this much, for each person. Not agreed: none.")),
        PolicyKey(addressees.SENDER, N_("Who sends the invoices of the SSC"), Kind.RECORD,
                  N_("Name, KvK number, VAT number, account and address, as they stand on each invoice."),
                  shape=addressees.wrong_sender),
        PolicyKey(addressees.ADDRESSEE, N_("To whom the SSC sends its invoices"), Kind.RECORD,
                  N_("Name, OIN and address of the municipality, and the reference that it asks for."),
                  shape=addressees.wrong_addressee),
        PolicyKey(addressees.VAT, N_("VAT on what the SSC charges"), Kind.PERCENT,
                  N_("Zero, or not agreed: exempt, as services of a group that shares costs (Wet OB art. 11, 1 u).")),
        PolicyKey(addressees.TERM, N_("Within how many days invoices of the SSC are paid"), Kind.DAYS,
                  N_("Counted from the day of the invoice. Not agreed: 30 days.")),
        *(PolicyKey(leave_kinds.policy_of(kind), leave_kinds.KINDS[kind], Kind.RECORD, LEAVE_HELP,
                    shape=leave_kinds.shape)
          for kind in leave_kinds.COUNTED),
    )
}  # fmt: skip

VALUE_EMPTY = Refusal("policy_value_empty", N_("Fill in the value."))
NOT_WHOLE = Refusal("policy_not_whole", N_("Fill in a whole number from 0 to %(most)s."), {"most": LARGEST})
NOT_PERCENT = Refusal("policy_not_percent", N_("Fill in a percentage from 0 to 100, with two decimals at most."))
NOT_RATE = Refusal("policy_not_rate", N_("Fill in an amount for each unit, such as 0.23, with four decimals at most."))
NOT_AMOUNT = Refusal("policy_not_amount", N_("Fill in an amount such as 12.50."))
NOT_TEXT = Refusal("policy_not_text", N_("Use one line of 60 characters at most."))
NOT_OFFERED = Refusal("policy_not_offered", N_("Choose one of the values from the list."))
NOT_JSON = Refusal("policy_not_json", N_("This is not readable: check brackets, commas and quotes."))
WRONG_SHAPE = "policy_wrong_shape"
"""The code of what a RECORD's own shape says."""

_NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]{1,4})?")


def read(row: PolicyKey, typed: str, *, decimal_comma: bool = True) -> str:
    """The value to store for what was typed. Raises Refused."""
    text = typed.strip()
    if not text:
        raise Refused(VALUE_EMPTY)
    if row.kind in WHOLE:
        if not re.fullmatch("[0-9]{1,6}", text) or int(text) > LARGEST:
            raise Refused(NOT_WHOLE)
        return str(int(text))
    match row.kind:
        case Kind.AMOUNT | Kind.HOURS:
            return str(_amount(text, decimal_comma) if row.kind is Kind.AMOUNT else read_hours(text))
        case Kind.RATE:
            return _plain(_decimal(text, 4, NOT_RATE) * 100)
        case Kind.PERCENT:
            percent = _decimal(text, 2, NOT_PERCENT)
            if percent > 100:
                raise Refused(NOT_PERCENT)
            return _plain(percent)
        case Kind.RECORD | Kind.TEXT:
            return _record(row, text) if row.kind is Kind.RECORD else _line(text)
        case _:
            if text not in (row.choices if row.kind is Kind.CHOICE else SWITCHED):
                raise Refused(NOT_OFFERED)
            return text


def _amount(text: str, decimal_comma: bool) -> int:
    try:
        return parse_euro(text, decimal_comma=decimal_comma)
    except MoneyError as error:
        raise Refused(NOT_AMOUNT) from error


def _decimal(text: str, places: int, refusal: Refusal) -> Decimal:
    number = text.removeprefix("€").removesuffix("%").strip()
    if not _NUMBER.fullmatch(number):
        raise Refused(refusal)
    found = Decimal(number.replace(",", "."))
    if found != round(found, places):
        raise Refused(refusal)
    return found


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _line(text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise Refused(NOT_TEXT)
    return text


def _record(row: PolicyKey, text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Refused(NOT_JSON) from error
    wrong = [Refusal(WRONG_SHAPE, sentence) for sentence in row.shape(found)]
    if wrong:
        raise Refused(*wrong)
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def typed_as(row: PolicyKey, value: str, *, decimal_comma: bool = True) -> str:
    """A stored value as one would type it: what `read` reads back to the same."""
    match row.kind:
        case Kind.AMOUNT | Kind.RATE:
            number = Decimal(value) / 100
            text = f"{number:.2f}" if number == round(number, 2) else _plain(number)
        case Kind.HOURS:
            return hours_text(int(value), decimal_comma=decimal_comma)
        case Kind.PERCENT:
            text = value
        case _:
            return value
    return text.replace(".", ",") if decimal_comma else text
