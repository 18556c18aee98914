"""Acceptance cards: what the adapter takes for granted of OKX, each as a small experiment; see ../venue_check.py."""
