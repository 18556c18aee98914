"""What operators see: logs without secrets, metrics. Knows no service; system wires it to them."""
