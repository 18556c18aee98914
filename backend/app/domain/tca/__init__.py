"""Transaction-cost analysis: pure functions, one measure a file. A cost is positive when it is bad, everywhere.

Formulas, signs and conventions stand in each measure's docstring, and for people in docs/tca.md.
"""
