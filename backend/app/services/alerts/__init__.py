"""Alerts: once a second the running system is summed up, and rules say what of it is out of bounds (docs/alerts.md)."""
