"""Speed, measured: `python -m tests.bench [--quick] [--only NAME]`, or `make bench`.

Each figure is one line of JSON. What counts is the ratio to the bare stack (`bare.py`), which is measured in the same
run, on the same machine, by the same client. Nothing here fails because something was slow: pytest does not collect
it, and the guards without timing noise (statements per page, no OFFSET) are ordinary tests.
"""
