"""The one error that a bank file can give."""


class BankFileError(Exception):
    """A bank file that is not written, or not read.

    `code` is a stable key (the screens have a sentence for each); `detail` says where: the name of an
    element, or the identification of a payment. A detail never holds an account number or a name, so that
    it may be logged.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
