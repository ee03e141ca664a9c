"""The purchase invoice: what a supplier asks a municipality to pay, from its receipt to the bank."""

from workflows.afterwards import added_later
from workflows.coding import coded
from workflows.effects import AskByMail, HandTo, MoveTo, Owe, Pay, StopPaying, Tell
from workflows.kernel import STAY, Action, Branch, CalendarDays, CaseType, State, WorkingDays, at
from workflows.parties import (
    ABORTED,
    APPROVER,
    BANK,
    CLERK,
    GRANTED,
    INITIATOR,
    N_,
    REFUSED,
    SUPPLIER,
    SYSTEM,
    TREASURER,
)
from workflows.purchase_invoice.books import BOOKED, journal, to_code
from workflows.purchase_invoice.content import (
    EINVOICE,
    correspondent,
    facts_of,
    municipality_of,
    ordered_by,
    payee,
    typed_of,
)
from workflows.purchase_invoice.einvoice import content_of
from workflows.purchase_invoice.form import InvoiceForm
from workflows.purchase_invoice.reading import read
from workflows.purchase_invoice.retention import RETENTION
from workflows.purchase_invoice.rules import (
    BENCH,
    CHECKED,
    COMPLETE,
    IS_CREDIT,
    NOT_DELIVERER,
    NOT_REGISTRAR,
    NOT_REGISTRAR_PAYS,
    NOT_REGISTRAR_RECEIVES,
    REGISTERED,
    SECOND_SIGNER,
    SUPPLIER_KNOWN,
    approved,
    checks_of,
)
from workflows.purchase_invoice.signals import bill_of, raised
from workflows.purchase_invoice.steps import (
    AMOUNTS,
    COLUMNS,
    LABELS,
    OUTSIDE,
    PROOFS,
    asked_colleague,
    asked_municipality,
)
from workflows.rules import (
    CLAIMANT,
    FLAG_NAMED,
    FLAGS_SETTLED,
    HOLDS_CASE,
    LINK_LIMIT,
    MANDATE,
    NOT_APPROVER,
    NOT_APPROVER_NOR_CHECKER,
    NOT_CHECKER,
    NOT_OWN,
    NOT_OWN_PAYMENT,
    SECOND_NEEDED,
)

# fmt: off
STATES = (
    State("draft", N_("Draft"), CLERK),
    State("received", N_("Being registered by the SSC"), CLERK, WorkingDays(2), WorkingDays(3)),
    State("delivery", N_("Waiting for confirmation of delivery"), INITIATOR, WorkingDays(5), WorkingDays(3),
          WorkingDays(5), by_link=True, question=N_("Did you get what is on this invoice?")),
    State("submitted", N_("Waiting for approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5)),
    State("countersign", N_("Waiting for a second approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5),
          second=True, after="submitted"),
    State("approved", N_("Being checked by the SSC"), CLERK, WorkingDays(2)),
    State("disputed", N_("Disputed with the supplier"), CLERK, remind=WorkingDays(10), suspends=True),
    # It waits for its day, not for the treasurer: the norm leaves that out.
    State("payable", N_("In a next payment run"), TREASURER, WorkingDays(2)),
    State("paying", N_("At the bank"), BANK, WorkingDays(2)),
    State("unpaid", N_("Refused by the bank"), CLERK, WorkingDays(2)),
    State("credit", N_("To be set off against a next invoice"), SYSTEM, suspends=True),
    State("paid", N_("Paid"), result=GRANTED),
    State("netted", N_("Set off"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Hand in for registration"), CLERK | SYSTEM, at("draft", "received"), "received", N_("Received"),
        needs=(NOT_OWN, COMPLETE), then=(HandTo(ordered_by),), takes_content=True, tone="primary",
    ),
    Action(
        "register", N_("Register and ask for confirmation"), CLERK, at("received"), "delivery", N_("Registered"),
        needs=(NOT_OWN, HOLDS_CASE, SUPPLIER_KNOWN, FLAGS_SETTLED, REGISTERED),
        then=(AskByMail("delivery"), Tell(SUPPLIER, "supplier_received")), checks=("registration",), tone="primary",
    ),
    Action(
        "move", N_("Move to another municipality"), CLERK, at("received"), "received",
        N_("Moved to another municipality"), needs=(HOLDS_CASE,), then=(MoveTo(municipality_of),),
        asks=asked_municipality, brief=True,
    ),
    Action(
        "deliver", N_("Yes, delivered as agreed"), INITIATOR, at("delivery"), "submitted", N_("Delivery confirmed"),
        needs=(CLAIMANT, NOT_REGISTRAR_RECEIVES), then=(AskByMail(),), tone="primary",
    ),
    Action(
        "forward", N_("A colleague ordered this"), INITIATOR | CLERK, at("delivery"), "delivery",
        N_("Passed on to a colleague"), then=(HandTo(ordered_by), AskByMail("delivery")),
        asks=asked_colleague, brief=True,
    ),
    Action(
        "decline", N_("No, not or not as agreed"), INITIATOR, at("delivery"), "received", N_("Delivery not confirmed"),
        needs=(CLAIMANT,), then=(Tell(CLERK, "declined_delivery"),), reason=True,
    ),
    Action(
        "approve", N_("Approve"), APPROVER, at("submitted"), Branch(SECOND_NEEDED, "countersign", "approved"),
        N_("Approved"), needs=(NOT_OWN, NOT_REGISTRAR, NOT_DELIVERER, NOT_CHECKER, LINK_LIMIT),
        then=(AskByMail(), Tell(CLERK, "to_check", when="approved")), binds=True, tone="primary",
    ),
    Action(
        "countersign", N_("Approve as the second"), APPROVER, at("countersign"), "approved",
        N_("Approved by a second person"),
        needs=(NOT_OWN, NOT_REGISTRAR, NOT_DELIVERER, SECOND_SIGNER, NOT_CHECKER, MANDATE, LINK_LIMIT),
        then=(Tell(CLERK, "to_check"),), binds=True, tone="primary",
    ),
    Action(
        "reroute", N_("Ask another approver"), SYSTEM, at("submitted"), "submitted", N_("Put to another approver"),
        then=(AskByMail(),),
    ),
    Action(
        "reroute_second", N_("Ask another approver"), SYSTEM, at("countersign"), "countersign",
        N_("Put to another approver"), then=(AskByMail(),),
    ),
    Action(
        "return", N_("Send back to the SSC"), APPROVER, at("submitted", "countersign"), "received", N_("Sent back"),
        needs=(NOT_OWN, LINK_LIMIT), then=(Tell(CLERK, "returned_invoice"),), reason=True,
    ),
    Action(
        "check", N_("Approve the check"), CLERK, at("approved"), Branch(IS_CREDIT, "credit", "payable"), N_("Checked"),
        needs=(NOT_OWN, NOT_APPROVER, HOLDS_CASE, FLAGS_SETTLED, SUPPLIER_KNOWN, CHECKED),
        then=(Pay("invoice_checked", when="payable"), Owe("credit", when="credit")), checks=("check",), tone="primary",
    ),
    Action(
        "settle_flag", N_("Settle a signal"), CLERK, at("received", "approved"), STAY, N_("Signal settled"),
        needs=(NOT_OWN, NOT_APPROVER, HOLDS_CASE, FLAG_NAMED), reason=True,
    ),
    Action(
        "send_back", N_("Back to registration"), CLERK, at("approved"), "received", N_("Back to registration"),
        needs=(NOT_OWN, HOLDS_CASE), reason=True,
    ),
    Action(
        "dispute", N_("Dispute with the supplier"), CLERK, at("received", "approved"), "disputed",
        N_("Disputed with the supplier"), needs=(NOT_OWN, HOLDS_CASE), then=(Tell(SUPPLIER, "supplier_disputed"),),
        reason=True,
    ),
    Action(
        "resume", N_("End the dispute"), CLERK, at("disputed"), "received", N_("Dispute ended"), needs=(NOT_OWN,),
        reason=True, tone="primary",
    ),
    Action(
        "refuse", N_("Reject the invoice"), CLERK, at("received", "approved", "disputed", "unpaid"), "rejected",
        N_("Rejected by the SSC"), needs=(NOT_OWN, HOLDS_CASE),
        then=(Tell(SUPPLIER, "supplier_rejected"), Tell(INITIATOR, "rejected_invoice")), reason=True, tone="danger",
    ),
    Action(
        "release", N_("Release for payment"), TREASURER, at("payable"), "paying", N_("Released for payment"),
        needs=(NOT_OWN_PAYMENT, NOT_REGISTRAR_PAYS, NOT_APPROVER_NOR_CHECKER),
    ),
    Action(
        "settle", N_("Book as paid"), BANK, at("paying"), "paid", N_("Paid"), then=(Tell(SUPPLIER, "supplier_paid"),),
    ),
    Action(
        "cover", N_("Set off against credit notes"), SYSTEM, at("payable"), "paid", N_("Set off against credit notes"),
        then=(Tell(SUPPLIER, "supplier_covered"),), aside=True,
    ),
    Action(
        "bounce", N_("Book as refused by the bank"), BANK, at("paying", "paid"), "unpaid", N_("Refused by the bank"),
        then=(StopPaying(), Tell(CLERK, "bounced_invoice")), reason=True,
    ),
    Action(
        "pay_again", N_("Pay again"), CLERK, at("unpaid"), "payable", N_("Put up for payment again"),
        needs=(NOT_OWN, NOT_APPROVER, HOLDS_CASE), then=(Pay("invoice_checked"),), reason=True, tone="primary",
    ),
    Action(
        "account", N_("Book as set off"), SYSTEM, at("credit"), "netted", N_("Set off in full"),
        then=(Tell(SUPPLIER, "supplier_netted"),),
    ),
    Action(
        "reopen", N_("Open again"), SYSTEM, at("netted"), "credit", N_("To be set off again"),
    ),
    Action(
        "withdraw", N_("Throw away"), CLERK, at("draft"), "withdrawn", N_("Thrown away"), tone="danger",
    ),
    coded("received", "approved"),
    added_later("paid", "netted", "rejected"),
)
# fmt: on

PURCHASE_INVOICE = CaseType(
    key="purchase_invoice",
    label=N_("Purchase invoice"),
    description=N_("Register an invoice that came in on paper or as a PDF."),
    prefix="INK",
    begun_by=CLERK,
    names=("ordered_by",),
    states=STATES,
    actions=ACTIONS,
    form=InvoiceForm,
    read=read,
    typed=typed_of,
    takes_in={EINVOICE: content_of},
    raised=raised,
    bill=bill_of,
    facts=facts_of,
    checks=checks_of,
    bench=BENCH,
    approved=approved,
    apart_steps=("submit", "register", "deliver"),
    correspondent=correspondent,
    payee=payee,
    norm=WorkingDays(15),
    legal=CalendarDays(30),
    late_costs=True,
    legal_runs_on=True,
    journal=journal,
    booked=BOOKED,
    to_code=to_code,
    retention=RETENTION,
    masked=("iban", "g_iban"),
    vocabulary={"labels": LABELS, "proofs": PROOFS, "outside": OUTSIDE, "columns": COLUMNS, "amounts": AMOUNTS},
)
