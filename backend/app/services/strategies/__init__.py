"""Strategies of one's own: which the settings name, the processes that they run in, and what becomes of their wishes.

declared.py   what the settings say of one; files that nobody else may write
process.py    the executor's end of a host process
inline.py     the same without a process, for a backtest
running.py    one strategy: what it is shown, what it answers, when it is killed
keeping.py    its state and its place among its fills, in one row
fills.py      a fill as it is told of it
hosted.py     all of one account: started, stopped and loaded anew
schedule.py   when one may enter
budgets.py    what one may have at risk
"""
