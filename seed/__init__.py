"""Invented people and a history of cases to try the portal on, and the demo's own bank."""
