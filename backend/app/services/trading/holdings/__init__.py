"""What is held, what it is worth, and the orders that a signal makes of it: reads of the account, without a change."""
