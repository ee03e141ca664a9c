"""The page of a day's mail: every request in it, decided one by one. GET shows; only a POST with a choice decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import ANYONE, open_to
from portal.commands import cases as commands
from portal.models.cases import Case, Document
from portal.models.mail import Bundle, MailLink
from portal.queries.bundles import Requests, bundle_by_nonce, requests_of
from portal.queries.related import flagged_by, visible_of
from portal.web import unit_of_work as uow
from portal.web.decide import NO_CHOICE, OWN_REQUEST, actor_of, alive, choices_of, deciding, has_it_now, is_own
from portal.web.signals import Signal, signals_of
from portal.words.timeline import Told, changed_since, timeline_of
from portal.worlds import BUNDLE
from workflows.deciding import Offer
from workflows.kernel import Given, Refusal, Refused

bp = Blueprint("bundle", __name__)


@dataclass(frozen=True)
class Item:
    """One request on the page: with its choices while it can be decided here, else with what happened."""

    link: MailLink
    case: Case
    token: str
    documents: tuple[Document, ...]
    choices: tuple[Offer, ...] = ()
    must_sign_in: bool = False
    own: Refusal | None = None
    more: bool = False
    """Whether a choice here asks for more than a reason, so that it is made on the request's own page."""
    changes: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    last: Told | None = None
    now_with: str = ""

    @property
    def known(self) -> bool:
        """Whether whoever holds this mail may still know whose request it is: it is theirs, or they decided on it."""
        return self.open or (self.link.ended == "used" and uow.now() < self.link.expires_at)

    @property
    def open(self) -> bool:
        """Whether it can still be decided here."""
        return self.last is None


def _bundle(token: str) -> Bundle:
    """The mail of the day of this token; one that this world never signed does not exist."""
    nonce = uow.world().nonce_of(token, BUNDLE)
    return (bundle_by_nonce(uow.session(), nonce) if nonce else None) or abort(HTTPStatus.NOT_FOUND)


def _item(link: MailLink, case: Case, found: Requests, seen: Collection[str]) -> Item:
    events = found.last.get(case.id, ())
    token = uow.world().link_token(link.nonce)
    if not alive(link, case):
        last = timeline_of(case, events)[:1]
        return Item(link, case, token, (), last=last[0] if last else Told(uow.now(), "", "", ""),
                    now_with=has_it_now(case))  # fmt: skip
    if is_own(case):
        return Item(link, case, token, (), own=Refusal(OWN_REQUEST.code, OWN_REQUEST.sentence,
                                                       {"name": link.person.name}))  # fmt: skip
    choices = tuple(choices_of(case, actor_of(link, case)))
    must_sign_in = any(r.code == "link_above_limit" for offer in choices for r in offer.refusals)
    documents = () if must_sign_in else tuple(found.documents.get(case.id, ()))
    return Item(
        link, case, token, documents, choices, must_sign_in,
        more=any(offer.action.asks and not offer.refusals for offer in choices),
        changes=tuple(changed_since(case, events)),
        signals=() if must_sign_in else tuple(signals_of(case, deciding(link), seen)),
    )  # fmt: skip


def _show(token: str, bundle: Bundle, refusals: dict[int, tuple[Refusal, ...]] | None = None,
          status: int = 200) -> ResponseReturnValue:  # fmt: skip
    found = requests_of(uow.session(), bundle)
    numbers = {number for _, case in found.asked for number in flagged_by(case)}
    seen = visible_of(uow.session(), deciding(found.asked[0][0]), numbers) if found.asked and numbers else ()
    items = [_item(link, case, found, seen) for link, case in found.asked]
    return render_template(
        "decide/bundle.html", token=token, bundle=bundle, items=items, left=sum(item.open for item in items),
        refusals=refusals or {}, typed=request.form,
    ), status  # fmt: skip


@bp.get("/akkoord/dag/<token>")
@open_to(ANYONE)
def look(token: str) -> ResponseReturnValue:
    """Every request of this mail. Opening it changes nothing, whoever or whatever opens it."""
    return _show(token, _bundle(token))


@bp.post("/akkoord/dag/<token>/<int:link_id>")
@open_to(ANYONE)
def decide(token: str, link_id: int) -> ResponseReturnValue:
    """Decide on one of them, once."""
    bundle = _bundle(token)
    asked = dict[int, tuple[MailLink, Case]]()
    for link, case in requests_of(uow.session(), bundle).asked:
        asked[link.id] = link, case
    link, case = asked.get(link_id) or abort(HTTPStatus.NOT_FOUND)
    if not alive(link, case):
        return _show(token, bundle, status=HTTPStatus.GONE)
    if is_own(case):
        return _show(token, bundle, status=HTTPStatus.FORBIDDEN)
    actor, key = actor_of(link, case), request.form.get("decision", "")
    if key not in {offer.action.key for offer in choices_of(case, actor) if offer.action.asks is None}:
        return _show(token, bundle, {link_id: (NO_CHOICE,)}, HTTPStatus.UNPROCESSABLE_ENTITY)
    given = Given(reason=request.form.get("reason", ""))
    try:
        commands.act(uow.session(), case, commands.Step(key, actor, uow.now(), given))
    except Refused as refused:
        return _show(token, bundle, {link_id: refused.refusals}, HTTPStatus.UNPROCESSABLE_ENTITY)
    target: Any = url_for("bundle.look", token=token)
    return redirect(f"{target}#{case.number}")
