"""The form of a change of account number. It keeps what is typed; `content.read()` judges it."""

from __future__ import annotations

from wtforms import Form, StringField

from workflows.parties import N_


class AccountForm(Form):
    """The new account, and in whose name it stands."""

    iban = StringField(N_("New account number (IBAN)"))
    holder = StringField(N_("In whose name is this account?"))
