"""The bare stack: the least that Flask, SQLAlchemy and gunicorn need for a whole claim, on the same two databases.

Nothing stands around it: no forms, no permissions, no languages, no templates to speak of, no checks of what is
uploaded. It makes as many requests and writes the same kinds of rows with the same safety. It shares no code with the
portal, so that whatever makes the portal quicker shows as a better ratio.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from flask import Flask, g, redirect, request
from jinja2 import Environment
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.orm import Session, joinedload

from tests.bench.bare_tables import Base, Claim, Document, Event, Link, Mail, Payable, Person, Series

PAGE = 50
ENV = Environment(autoescape=True)
LIST = ENV.from_string(
    "<!doctype html><title>Queue</title><table>{% for c in claims %}<tr><td><a href='/look/{{ c.id }}'>{{ c.number }}"
    "</a></td><td>{{ c.title }}</td><td>{{ c.person.name }}</td><td>{{ '%.2f'|format(c.cents / 100) }}</td>"
    "<td>{{ c.due.strftime('%d-%m-%Y') if c.due }}</td></tr>{% endfor %}</table>"
    "<a href='/list?after={{ last }}'>next</a>"
)
ONE = ENV.from_string(
    "<!doctype html><title>{{ claim.number }}</title><h1>{{ claim.title }}</h1><p>{{ claim.state }} {{ claim.cents }}"
    "</p><ul>{% for line in claim.content.get('lines', ()) %}<li>{{ line.description }} {{ line.cents }}</li>"
    "{% endfor %}</ul><ul>{% for d in documents %}<li>{{ d.name }}</li>{% endfor %}</ul>"
    "<ol>{% for e in events %}<li>{{ e.action }} {{ e.at }} {{ e.actor_id }}</li>{% endfor %}</ol>"
)


def engine_of(url: str) -> Engine:
    """The engine. On SQLite a writer takes the write lock at once, and a commit is on disk when it returns."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10)
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def create_app(url: str | None = None, files: str | None = None) -> Flask:
    """The whole application."""
    app = Flask(__name__)
    engine = engine_of(url or os.environ["BARE_DATABASE_URL"])
    writing = engine.execution_options(writes=True)
    folder = Path(files or os.environ["BARE_FILES"])
    app.extensions["engine"] = engine

    @app.before_request
    def begin() -> None:
        g.session = Session(writing if request.method == "POST" else engine, expire_on_commit=False)
        if request.path != "/alive":
            g.me = g.session.get(Person, int(request.cookies.get("who", "1")))

    @app.teardown_request
    def close(_: Any = None) -> None:
        g.session.close()

    _claimant(app, folder)
    _deciders(app)
    _lookers(app)
    return app


def _step(claim: Claim, action: str, to: str, waits_for: str, *letters: str) -> None:
    claim.state, claim.waits_for = to, waits_for
    claim.version += 1
    g.session.add(Event(claim_id=claim.id, action=action, state=to, actor_id=g.me.id, data=claim.content))
    for letter in letters:
        g.session.add(Mail(claim_id=claim.id, letter=letter, subject=claim.title, text=f"{claim.number}: {letter}"))


def _done(to: str) -> Any:
    g.session.commit()
    return redirect(to)


def _claimant(app: Flask, folder: Path) -> None:
    @app.post("/claims")
    def start() -> Any:
        claim = Claim(person_id=g.me.id, state="draft", waits_for="person", title="", cents=0, content={}, version=1)
        g.session.add(claim)
        g.session.flush()
        return _done(f"/claims/{claim.id}")

    @app.get("/claims/<int:number>")
    def edit(number: int) -> Any:
        return ONE.render(claim=g.session.get_one(Claim, number), documents=(), events=())

    @app.post("/claims/<int:number>")
    def save(number: int) -> Any:
        claim = g.session.get_one(Claim, number)
        content = request.files["receipt"].read()
        sha256 = hashlib.sha256(content).hexdigest()
        (folder / sha256).write_bytes(content)
        g.session.add(Document(claim_id=number, name="bon.jpg", sha256=sha256, size=len(content)))
        lines = [{"description": request.form["description"], "cents": int(request.form["cents"])}]
        claim.title, claim.cents, claim.content = request.form["title"], lines[0]["cents"], {"lines": lines}
        return _done(f"/claims/{number}/review")

    @app.get("/claims/<int:number>/review")
    def review(number: int) -> Any:
        documents = g.session.scalars(select(Document).where(Document.claim_id == number)).all()
        return ONE.render(claim=g.session.get_one(Claim, number), documents=documents, events=())

    @app.post("/claims/<int:number>/submit")
    def submit(number: int) -> Any:
        claim = g.session.get_one(Claim, number)
        series = g.session.get_one(Series, 1, with_for_update=True)
        series.last += 1
        claim.number = f"C-{series.last:06d}"
        _step(claim, "submit", "submitted", "approver", "received", "ask")
        g.session.add(Link(claim_id=number, nonce=secrets.token_urlsafe(24)))
        return _done(f"/look/{number}")


def _deciders(app: Flask) -> None:
    @app.get("/link/<nonce>")
    def link(nonce: str) -> Any:
        found = g.session.scalars(select(Link).where(Link.nonce == nonce).options(joinedload(Link.claim))).one()
        return _one(found.claim)

    @app.post("/link/<nonce>")
    def decide(nonce: str) -> Any:
        found = g.session.scalars(select(Link).where(Link.nonce == nonce).options(joinedload(Link.claim))).one()
        found.ended = "used"
        _step(found.claim, "approve", "approved", "clerk", "approved", "to_check")
        return _done(f"/look/{found.claim_id}")

    @app.post("/next")
    def take_next() -> Any:
        free = select(Claim).where(Claim.waits_for == "clerk", Claim.assignee_id.is_(None))
        ordered = free.order_by(Claim.due, Claim.id).limit(1).with_for_update(skip_locked=True)
        claim = g.session.scalars(ordered).one()
        claim.assignee_id = g.me.id
        return _done(f"/bench/{claim.id}")

    @app.get("/bench/<int:number>")
    def bench(number: int) -> Any:
        return _one(g.session.get_one(Claim, number))

    @app.post("/bench/<int:number>")
    def check(number: int) -> Any:
        claim = g.session.get_one(Claim, number)
        _step(claim, "check", "payable", "treasurer", "checked")
        g.session.add(Payable(claim_id=number, payee_id=claim.person_id, cents=claim.cents))
        return _done("/list")

    @app.post("/pay")
    def pay() -> Any:
        chosen = [int(each) for each in request.form.getlist("payable")]
        found = select(Payable).where(Payable.id.in_(chosen)).options(joinedload(Payable.claim))
        for payable in g.session.scalars(found.with_for_update(of=Payable)):
            payable.batch = 1
            _step(payable.claim, "release", "paying", "bank")
        return _done("/pay")


def _one(claim: Claim) -> str:
    documents = g.session.scalars(select(Document).where(Document.claim_id == claim.id)).all()
    events = g.session.scalars(select(Event).where(Event.claim_id == claim.id).order_by(Event.id)).all()
    return ONE.render(claim=claim, documents=documents, events=events)


def _lookers(app: Flask) -> None:
    @app.get("/alive")
    def alive() -> str:
        return "ok"

    @app.get("/look/<int:number>")
    def look(number: int) -> Any:
        return _one(g.session.get_one(Claim, number))

    @app.get("/list")
    def queue() -> Any:
        waiting = select(Claim).where(Claim.waits_for == "clerk", Claim.id > int(request.args.get("after", "0")))
        found = waiting.options(joinedload(Claim.person)).order_by(Claim.due, Claim.id).limit(PAGE)
        claims = g.session.scalars(found).all()
        return LIST.render(claims=claims, last=claims[-1].id if claims else 0)

    @app.get("/pay")
    def payables() -> Any:
        open_ones = select(Payable).where(Payable.batch.is_(None), Payable.payee_id == int(request.args["of"]))
        found = open_ones.options(joinedload(Payable.claim)).order_by(Payable.id).limit(500)
        return " ".join(str(payable.id) for payable in g.session.scalars(found))


def prepare(url: str, claims: int = 0) -> None:
    """Make the tables, a few people, and so many claims of which one in twelve waits for a clerk."""
    from tests.bench.bare_tables import rows  # noqa: PLC0415 - only for loading

    engine = engine_of(url)
    Base.metadata.create_all(engine)
    with Session(engine.execution_options(writes=True)) as session:
        session.add_all(Person(id=number, name=f"Eva van der Berg {number}") for number in range(1, 101))
        session.add(Series(id=1, last=0))
        session.flush()
        rows(session.connection(), claims)
        session.commit()
    engine.dispose()


if __name__ == "__main__":
    prepare(sys.argv[1], int(sys.argv[3]))
