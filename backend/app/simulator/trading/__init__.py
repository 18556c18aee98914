"""Accounts and their orders: entry, the desk, money, settlement, margin and algo orders."""
