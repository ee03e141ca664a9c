"""Why a bank refused or returned a payment, in plain words.

Source: ISO 20022 external code sets, ExternalStatusReason1Code and ExternalReturnReason1Code.
"""


def N_(sentence: str) -> str:  # noqa: N802 - the usual name; marks a sentence for translation, changes nothing
    """Mark a sentence for translation."""
    return sentence


REASONS: dict[str, str] = {
    "AC01": N_("The account number is not correct."),
    "AC03": N_("The account number of the payee is not correct."),
    "AC04": N_("The account is closed."),
    "AC06": N_("The account is blocked."),
    "AC13": N_("The account is of a kind that cannot be used for this payment."),
    "AG01": N_("This kind of payment is not allowed on the account."),
    "AG02": N_("The bank does not know this kind of payment."),
    "AM01": N_("The amount is zero."),
    "AM02": N_("The amount is higher than the bank allows."),
    "AM03": N_("The currency is not correct for this account."),
    "AM04": N_("There is not enough money in the account."),
    "AM05": N_("This payment was sent twice."),
    "AM09": N_("The amount is not the amount that was agreed."),
    "AM10": N_("The total in the file is not the sum of the payments."),
    "AM18": N_("The number of payments in the file is not correct."),
    "BE01": N_("The name does not belong to the account number."),
    "BE04": N_("The address of the payee is missing."),
    "BE05": N_("The bank does not know the sender of the file."),
    "BE06": N_("The bank does not know the payee."),
    "BE08": N_("The bank of the payee reports an error."),
    "CNOR": N_("The bank of the payee cannot be reached for this payment."),
    "CURR": N_("The currency of the payment is not correct."),
    "CUST": N_("The payee asked for this."),
    "DNOR": N_("Our bank cannot send this payment."),
    "DT01": N_("The date of the payment is not correct."),
    "DUPL": N_("This file or payment was sent twice."),
    "ED05": N_("The banks could not settle the payment."),
    "FF01": N_("The file is not in the form that the bank asks for."),
    "FOCR": N_("The payment was cancelled on request."),
    "FR01": N_("The bank suspects fraud."),
    "MD07": N_("The account holder has died."),
    "MS02": N_("The payee refused the payment without giving a reason."),
    "MS03": N_("The bank gave no reason."),
    "NARR": N_("The bank gave the reason in its own words."),
    "NOAS": N_("The payee did not answer the bank."),
    "RC01": N_("The bank of this account is not known."),
    "RC04": N_("The bank of the payee is not known."),
    "RR01": N_("The account or identification of the sender is missing."),
    "RR02": N_("The name or address of the sender is missing."),
    "RR03": N_("The name or address of the payee is missing."),
    "RR04": N_("The bank may not carry out the payment because of a legal rule."),
    "SL01": N_("The bank stopped the payment because of an agreement with its customer."),
    "TECH": N_("There was a technical problem at the bank."),
    "TM01": N_("The file came after the closing time of the bank."),
}

OTHER_REASON = N_("The bank gave another reason.")


def return_reason_key(code: str | None) -> str:
    """The sentence, still to be translated, for an ISO reason code; a general one for an unknown code."""
    return REASONS.get((code or "").upper(), OTHER_REASON)
