"""A dossier in words, to print: the same as its page tells this reader, in their language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from portal import i18n
from portal.interfaces.bank import return_reason_key
from portal.interfaces.paper import Attached, Entry, Paper, Section
from portal.models.cases import Document
from portal.models.contact import ContactQuestion
from portal.models.mail import OutboxMail
from portal.models.outstanding import Settlement
from portal.models.payments import BatchLine
from portal.queries.dossier import Seen
from portal.words.lines import words_of
from portal.words.states import capacity_label, channel_label, holder_said, is_granted, letter_text, state_said
from portal.words.timeline import timeline_of
from portal.words.why import rule_said, rule_source
from workflows import CASE_TYPES
from workflows.iban import masked
from workflows.parties import N_

_ = i18n.gettext
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

NOT_SHOWN = {
    "missing": N_("The file of this document cannot be found."),
    "corrupt": N_("The file of this document is no longer what it was: its hash differs."),
    "not_drawn": N_("No picture could be made of this document. The portal has the file itself."),
    "too_many": N_("This PDF would become too large. What is not shown here is in the portal, with the hash above."),
}
KINDS = {"application/pdf": "PDF", "image/jpeg": N_("picture"), "image/png": N_("picture")}


def paper_of(seen: Seen, reader: str, partnership: str, at: datetime) -> Paper:
    """The whole dossier on paper."""
    case = seen.case
    kind = f"{_(CASE_TYPES[case.type].label)} {case.number}"
    sections = (*_case(seen), *_content(seen), *_settlements(seen), *_payments(seen), *_kin(seen), *_events(seen),
                *_contacts(seen), *_mails(seen), *_reads(seen), *_documents(seen))  # fmt: skip
    return Paper(
        title=f"{kind}: {case.title}" if case.title else kind,
        author=partnership,
        running=f"{partnership} · {kind}",
        made=_("Copy of the dossier, made on %(at)s for %(who)s.", at=i18n.moment(at), who=reader),
        made_at=at,
        lang=i18n.language(),
        sections=sections,
        attached=[_attached(document) for document in seen.dossier.documents],
    )


def _case(seen: Seen) -> Iterator[Section]:
    case, account = seen.case, seen.paid.account
    yield Section(_("The employee")).facts([
        (_("Employee"), case.initiator.name),
        (_("Personnel number"), case.employment.personnel_number if seen.personal else ""),
        (_("Works at"), f"{case.employment.unit.name}, {case.municipality.name}"),
        (_("Paid to"), masked(account.iban) if account and seen.personal else ""),
    ])  # fmt: skip
    granted, differs = is_granted(case), case.sanctioned_cents != case.claimed_cents
    most = differs and not granted and case.result is None
    yield Section(_("The request")).facts([
        (_("State"), state_said(case, mine=seen.is_theirs(case))),
        (_("With"), holder_said(case, mine=seen.mine)),
        (_("Claimed"), i18n.euro(case.claimed_cents) if case.claimed_cents else ""),
        (_("Granted"), i18n.euro(case.sanctioned_cents) if case.claimed_cents and granted else ""),
        (_("At most paid"), i18n.euro(case.sanctioned_cents) if most else ""),
        (_("Cost centre"), case.cost_centre),
        (_("Manager"), case.approver.name if case.approver else ""),
        (_("Received"), i18n.day(case.received_at)),
        (_("Target date"), i18n.day(case.target_due)),
        (_("Legal date"), i18n.day(case.legal_due)),
        (_("Settled"), i18n.day(case.closed_at)),
    ])  # fmt: skip


def _content(seen: Seen) -> Iterator[Section]:
    case_type, content = CASE_TYPES[seen.case.type], seen.case.content
    section = Section(_("What was asked")).facts(list(said_in(seen)))
    words, lines = case_type.vocabulary, content.get("lines")
    if lines and "columns" in words:
        amounts = [(_(label), i18n.euro(content[name])) for name, label in words["amounts"].items() if name in content]
        head, rows = _table(words["columns"], lines)
        money = [place for place, name in enumerate(words["columns"]) if name.endswith("_cents")]
        section.rows(head, rows, [5, *[2] * (len(head) - 1)], numbers=money).facts(amounts)
    elif lines:
        told = words_of(case_type.key)
        if "claimed_cents" not in lines[0]:
            # What somebody else asks to be paid, in whose lines nobody decides.
            section.rows(
                [_("Description"), _("Quantity"), _("VAT"), _("Without VAT")],
                [[str(line["description"]), str(line.get("quantity", "")), f"{line.get('vat_percent') or 0}%",
                  i18n.euro(line["net_cents"])] for line in lines],
                [6, 2, 1.5, 2.5],
                numbers=(3,),
            )  # fmt: skip
            yield section
            return
        section.rows(
            [
                _("Expense"),
                _("Date"),
                _("Claimed"),
                _("Granted") if is_granted(seen.case) else _("At most paid"),
                _("Decision"),
            ],
            [_line(seen, told, line) for line in lines],
            [5, 2.2, 1.9, 1.9, 4],
            numbers=(2, 3),
        )
        if seen.clerk and (
            sources := list(dict.fromkeys(line["rate_source"] for line in lines if "rate_source" in line))
        ):
            section.text(_("Rates: %(sources)s", sources="; ".join(sources)))
    if section.parts:
        yield section


def _table(columns: Mapping[str, str], lines: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Lines with columns that their type names; those called `…_cents` are amounts."""
    shown = [
        [i18n.euro(line.get(name, 0)) if name.endswith("_cents") else str(line.get(name, "")) for name in columns]
        for line in lines
    ]
    return [_(label) for label in columns.values()], shown


def said_in(seen: Seen) -> Iterator[tuple[str, str]]:
    """The plain values of the content with their labels; what the page masks is masked."""
    case_type = CASE_TYPES[seen.case.type]
    # What follows from another case has no form.
    form: Any = case_type.form() if case_type.asked_for else {}
    labels = case_type.vocabulary.get("labels", {})
    for name, value in seen.case.content.items():
        if isinstance(value, str) and (seen.clerk or name not in case_type.for_clerks):
            label = labels.get(name) or (form[name].label.text if name in form else name)
            yield _(label), masked(value) if name in case_type.masked else _day_or_text(value)


def _day_or_text(value: str) -> str:
    """A day in words, as the page has it; any other text as it is."""
    return i18n.day(value) if DAY.fullmatch(value) else value


def _line(seen: Seen, told: Any, line: Mapping[str, Any]) -> list[str]:
    names = [document.name for document in seen.dossier.documents if document.line_key == line["key"]]
    what = [_plain(told.category(line)), _plain(told.words(line))] if told else [str(line.get("description", ""))]
    if names:
        what.append(_("Receipts: %(names)s", names=", ".join(names)))
    if "statement_why" in line:
        what.append(Markup(told.statement(line)).striptags())  # noqa: S704 - out of markup, not into it
    if late := line.get("late_reason"):
        what.append(_("Claimed late because: %(reason)s", reason=late))
    decided = [_plain(told.outcome(line))] if told else []
    decided.append(str(line.get("reduction_reason", "")))
    decided += [f"{rule_said(rule)} ({rule_source(rule)})" for rule in line.get("rules", ())]
    granted = "" if seen.case.result == "refused" else i18n.euro(line["sanctioned_cents"])
    return ["\n".join(filter(None, what)), i18n.day(line.get("date"), "d MMM y"), i18n.euro(line["claimed_cents"]),
            granted, "\n".join(filter(None, decided))]  # fmt: skip


def _plain(said: Any) -> str:
    """What a template made, as text again."""
    return " ".join(Markup(said).unescape().split())  # noqa: S704 - out of markup, not into it


def state_of_payment(line: BatchLine) -> str:
    """How far a payment is, with the bank's reason when it came back."""
    if line.returned_at:
        return ": ".join((_("Returned"), _(return_reason_key(line.return_code))))
    if line.settled_at:
        return _("Paid")
    return _("Accepted by the bank") if line.accepted_at else _("At the bank")


def _payments(seen: Seen) -> Iterator[Section]:
    if seen.dossier.payments:
        rows = [
            [line.end_to_end_id, i18n.day(line.batch.execution_date), state_of_payment(line), i18n.euro(line.cents)]
            for line in seen.dossier.payments
        ]
        head = [_("Reference"), _("Execution date"), _("State"), _("Amount")]
        yield Section(_("Payments")).rows(head, rows, [4, 3, 5, 2], numbers=(3,))


def _settlements(seen: Seen) -> Iterator[Section]:
    if seen.settlements:
        rows = [
            [_settled_by(one), one.outstanding.case.number or "", i18n.day(one.at), _settled_how(one),
             i18n.euro(one.cents)]
            for one in seen.settlements
        ]  # fmt: skip
        head = [_("Settled by"), _("Owed because of"), _("Settled on"), _("State"), _("Amount")]
        yield Section(_("Settled with what was owed")).rows(head, rows, [4, 3, 3, 3, 2], numbers=(4,))


def _settled_by(one: Settlement) -> str:
    if one.bank_entry_id is not None:
        return _("Money that came back")
    return one.case.number or "" if one.case else _("A case that was destroyed")


def _settled_how(one: Settlement) -> str:
    return f"{_('Undone')} {i18n.day(one.undone_at)}" if one.undone_at else _("Settled with what was owed")


def _kin(seen: Seen) -> Iterator[Section]:
    if seen.kin:
        yield Section(_("Related requests")).entries([
            Entry(
                other.number or _("a draft of %(day)s", day=i18n.day(other.created_at)),
                state_said(other, mine=seen.is_theirs(other)),
            )
            for other in seen.kin
        ])  # fmt: skip


def _events(seen: Seen) -> Iterator[Section]:
    events = seen.dossier.events
    told = timeline_of(seen.case, events)[::-1]
    section = Section(_("What happened"))
    section.text(_("Each step has its place in the register and the hash by which it can be proved."))
    yield section.entries([
        Entry(one.what, f"{one.who}, {i18n.moment(one.at)}", f"{event.id} · {event.hash}",
              [one.reason] if one.reason else [], one.changes)
        for one, event in zip(told, events, strict=True)
    ])  # fmt: skip


def _contacts(seen: Seen) -> Iterator[Section]:
    if seen.personal and seen.dossier.contacts:
        yield Section(_("Contacts")).entries([_contact(question) for question in seen.dossier.contacts])


def _contact(question: ContactQuestion) -> Entry:
    contact = question.contact
    who = contact.clerk.name if contact.clerk else ""
    about = ", ".join(filter(None, (channel_label(contact.channel), who, i18n.moment(contact.at))))
    return Entry(question.asked, about, "", [question.answer] if question.answer else [])


def _mails(seen: Seen) -> Iterator[Section]:
    if seen.personal and seen.dossier.mails:
        yield Section(_("Mails")).entries([_mail(mail) for mail in seen.dossier.mails])


def _mail(mail: OutboxMail) -> Entry:
    about = ", ".join((_("mail to %(who)s", who=mail.recipient), i18n.moment(mail.sent_at or mail.created_at)))
    return Entry(mail.subject, about, "", [letter_text(mail.text).strip()], lang=mail.language)


def _reads(seen: Seen) -> Iterator[Section]:
    if seen.reads:
        yield Section(_("Who looked at your dossier")).rows(
            [_("Who"), _("Why"), _("When")],
            [
                [
                    f"{read.person.name}\n{capacity_label(read.capacity) if read.capacity else ''}".strip(),
                    _("For their own work") if read.own_work else read.reason,
                    i18n.moment(read.at),
                ]
                for read in seen.reads
            ],
            [4, 6, 3],
        )


def _documents(seen: Seen) -> Iterator[Section]:
    documents = seen.dossier.documents
    section = Section(_("Documents"))
    if not documents:
        yield section.text(_("There are no documents."))
        return
    yield section.text(
        _("Each document with the SHA-256 of the file that the portal keeps. Their pages follow as pictures.")
    ).entries([Entry(document.name, _about(document), document.sha256) for document in documents])


def _about(document: Document) -> str:
    kind = _(KINDS.get(document.media_type, document.media_type))
    pages = i18n.ngettext("%(num)s page", "%(num)s pages", document.pages)
    size = f"{i18n.number(max(1, document.size // 1000))} kB"
    return ", ".join((kind, pages, size, _("added on %(at)s", at=i18n.moment(document.added_at))))


def _attached(document: Document) -> Attached:
    several = N_("%(name)s, page %(page)s of %(pages)s")
    name = document.name.replace("%", "%%")
    words = (
        _(several, name=name, page="%d", pages="%d")
        if document.pages > 1
        else _("Receipt %(name)s", name=document.name)
    )
    reasons: Mapping[str, str] = {why: _(sentence) for why, sentence in NOT_SHOWN.items()}
    return Attached(
        document.name, document.sha256, document.media_type, document.pages, words, _about(document), reasons
    )
