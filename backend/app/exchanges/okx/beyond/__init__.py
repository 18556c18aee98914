"""What OKX offers beyond the exchange port: its own algo orders, and channels that a caller follows."""
