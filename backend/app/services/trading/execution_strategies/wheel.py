"""The word by which an execution asks to be assigned by its label's wheel (parents/wheels.py)."""

WHEEL = "wheel"
