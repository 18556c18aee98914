"""Instruments and their markets: books, matching, trades, candles and prices. Knows no account."""
