"""One account in memory, and the only way to change it: the ledger's turn, and the one door for what the venue says."""
