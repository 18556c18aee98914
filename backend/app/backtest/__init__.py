"""A strategy's file over a recorded or synthetic market: the whole system and the simulated exchange, in virtual time.

venue.py     the simulated exchange without sockets
world.py     the system over it, with nothing that reaches out
running.py   strategies on it, from the start of the market to its end
results.py   what came of it
"""
