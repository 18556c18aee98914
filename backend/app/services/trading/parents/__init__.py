"""Parent orders: which there are, what drives one, and its rows."""
