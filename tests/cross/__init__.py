"""Checks of what the portal writes by tools of others, in an environment of their own: never a dependency of ours."""
