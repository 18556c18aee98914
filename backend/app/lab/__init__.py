"""Execution strategies compared on recorded and synthetic markets: the system of production, in virtual time.

runs.py        what one run is, and the key that it is stored under
tapes.py       recordings: read to the end before anything begins, cut into blocks
performing.py  one run: parents of both sides from the same starts
storing.py     results, each durable by itself
spreading.py   runs over processes
cluster.py     runs over a Ray cluster
tables.py      what strategies cost, and by how much they differ from the baselines
recording.py   an exchange's live books and trades, into a file that is replayed
comparing.py   which of two is cheaper, for whoever looks again and again
"""
