"""What rows say: statistics, trips and the equity curve, for performance figures."""
