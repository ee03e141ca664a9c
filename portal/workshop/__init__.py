"""Workshops: practice worlds in which people play the process by a scenario, with bots on the empty seats."""
