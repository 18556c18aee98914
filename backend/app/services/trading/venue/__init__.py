"""What goes to the exchange, what comes back from it, and how the truth is found where the two differ."""
