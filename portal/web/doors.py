"""The doors: signing in by session cookie, the check of every page's mark, security headers and error pages."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, current_app, g, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal import i18n
from portal.access import ANYONE, EMPLOYEE, PRACTICE, TRAINER_DESK, Role
from portal.commands.cases import JUST_BEFORE_YOU
from portal.commands.sign_in import SESSION_LIFE
from portal.models.people import Account, Person, SignIn
from portal.web import unit_of_work as uow
from workflows.kernel import Refused
from workflows.parties import N_

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
}

csrf = CSRFProtect()

TRAINER = "trainer"
"""What the cookie of a practice world holds for whoever came by the link of the trainer."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SignedIn(UserMixin):  # type: ignore[misc]
    """Whom the session cookie names: what every page wants to know of them as plain values, the rest when asked for.

    `id` is the person's.
    """

    def __init__(self, nonce: str, sign_in_id: int, account_id: int, person_id: int, name: str, language: str) -> None:
        self.nonce, self.sign_in_id, self.account_id = nonce, sign_in_id, account_id
        self.id, self.name, self.language = person_id, name, language

    def get_id(self) -> str:
        return self.nonce

    @property
    def account(self) -> Account:
        """The account with which they signed in."""
        return uow.session().get_one(Account, self.account_id)

    @property
    def person(self) -> Person:
        """The person whose account it is."""
        return uow.session().get_one(Person, self.id)


BY_NONCE = (
    select(SignIn.id, Account.id, Person.id, Person.given_name, Person.family_name, Person.language)
    .join(Account, Account.id == SignIn.account_id)
    .join(Person, Person.id == Account.person_id)
    .where(SignIn.nonce == bindparam("nonce"), SignIn.begun_at > bindparam("since"))
)


def _load(nonce: str) -> SignedIn | None:
    """Who began the session in the cookie; None when it was ended since, or is too old.

    In a practice world, where a day takes minutes, none is too old.
    """
    known = {"nonce": nonce, "since": LONG_AGO if uow.world().practice else uow.now() - SESSION_LIFE}
    found = uow.session().connection().execute(BY_NONCE, known).first()
    if found is None:
        return None
    sign_in_id, account_id, person_id, given_name, family_name, language = found
    return SignedIn(nonce, sign_in_id, account_id, person_id, f"{given_name} {family_name}", language)


def to_join() -> str:
    """Where one takes a seat in the practice world of this request."""
    return f"{request.script_root}/meedoen"


def _open_in_practice(allowed: frozenset[object]) -> bool:
    """Whether this is a page of practice worlds that stands open here."""
    if uow.world().practice is None:
        return False
    return PRACTICE in allowed or (TRAINER_DESK in allowed and cookie.get(TRAINER) is True)


def _to_sign_in() -> ResponseReturnValue:
    if uow.world().practice:
        return redirect(to_join())
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))


def _check_door() -> ResponseReturnValue | None:
    """Every page is closed unless it is marked with whom it is open to."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    allowed: frozenset[object] = getattr(current_app.view_functions[request.endpoint], "open_to", frozenset())
    if ANYONE in allowed or _open_in_practice(allowed):
        return None
    allowed -= {PRACTICE, TRAINER_DESK}
    if not current_user.is_authenticated:
        if request.method in uow.SAFE and allowed:
            return _to_sign_in()
        abort(HTTPStatus.UNAUTHORIZED if allowed else HTTPStatus.NOT_FOUND)
    if EMPLOYEE in allowed:
        return None
    held = {role for role, _ in uow.viewer().roles}
    if not held & {role for role in allowed if isinstance(role, Role)}:
        # Whoever may not enter is told the same as when there were no such page.
        abort(HTTPStatus.NOT_FOUND)
    return None


def _choose_language() -> None:
    code = cookie.get("language")
    if code is None and request.endpoint != "static" and current_user.is_authenticated:
        code = current_user.language
    g.speaking = i18n.reading_in(code or i18n.DEFAULT)
    g.speaking.__enter__()


def _stop_speaking(_: Any = None) -> None:
    if "speaking" in g:
        g.pop("speaking").__exit__(None, None, None)


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if uow.world().settings.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


ERRORS = {
    400: (
        N_("We did not understand this"),
        N_("Something was missing in what your browser sent. Go back and try again."),
    ),
    401: (
        N_("You are not signed in"),
        N_("Sign in and try again. What you typed in a form was kept."),
    ),
    403: (
        N_("This page has expired"),
        N_("The page was open for a long time. Go back, load it again and try once more."),
    ),
    404: (
        N_("This page is not here"),
        N_("The address may be wrong, or this page is not meant for you."),
    ),
    405: (
        N_("This is not possible here"),
        N_("Go back to the previous page and use its buttons."),
    ),
    409: (
        N_("Somebody was just before you"),
        N_("This has changed since you opened the page. Nothing was stored twice. Look at it again."),
    ),
    413: (
        N_("This is too large"),
        N_("What you sent is larger than 16 MB. Make the file smaller and try again."),
    ),
    500: (
        N_("Something went wrong with us"),
        N_("What you did may not have been stored. Try again in a moment, or call the SSC."),
    ),
}


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def error_page(status: int, sentences: tuple[str, ...] = ()) -> ResponseReturnValue:
    """The page, or for a script the JSON, that says what happened, what was kept and what to do."""
    title, text = ERRORS.get(status, ERRORS[400 if status < 500 else 500])
    if _wants_json():
        return jsonify(error=" ".join(sentences) or i18n.gettext(text)), status
    return render_template("error.html", status=status, title=title, text=text, sentences=sentences), status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    return error.get_response() if (error.code or 500) < 400 else error_page(error.code or 500)


def _refused(error: Refused) -> ResponseReturnValue:
    """A refusal that the page itself has no place for."""
    sentences = tuple(i18n.say(r.sentence, r.values) for r in error.refusals)
    return error_page(409, sentences)


def _lost_race(_: Exception) -> ResponseReturnValue:
    return _refused(Refused(JUST_BEFORE_YOU))


DEADLOCK, CANNOT_SERIALIZE = "40P01", "40001"
"""PostgreSQL's codes for a request that it ended because another was doing the same; trying again is safe."""


def _database(error: OperationalError) -> ResponseReturnValue:
    lost = getattr(error.orig, "sqlstate", None) in (DEADLOCK, CANNOT_SERIALIZE)
    return _lost_race(error) if lost else _crash(error)


def _crash(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("unexpected error", exc_info=error)
    return error_page(500)


def _cleaned(handler: Any) -> Any:
    """Roll back before an error page is made: it must not read from a transaction that failed."""

    def handle(error: Any) -> ResponseReturnValue:
        if "session" in g:
            g.session.rollback()
        return handler(error)  # type: ignore[no-any-return]

    return handle


def install(app: Flask) -> None:
    """Put the doors in."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = None
    csrf.init_app(app)
    app.before_request(_choose_language)
    app.before_request(_check_door)
    app.after_request(_secure)
    app.teardown_request(_stop_speaking)
    app.register_error_handler(CSRFError, lambda _: error_page(403))
    for kind, handler in (
        (HTTPException, _http_error),
        (Refused, _refused),
        (StaleDataError, _lost_race),
        (IntegrityError, _lost_race),
        (OperationalError, _database),
        # What no database can keep, as a NUL in a text; and a row that is not there.
        (DataError, lambda _: error_page(400)),
        (NoResultFound, lambda _: error_page(404)),
        (Exception, _crash),
    ):
        app.register_error_handler(kind, _cleaned(handler))
