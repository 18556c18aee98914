"""What the lab is held to: known costs found again (proof.py), and its table on the recorded sessions (recorded.py)."""
