"""What if: a discrete-event simulation of the declared case types, calibrated from an event log, and compared."""
