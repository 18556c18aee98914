"""Where the stream is."""

SOCKET = "/api/v1/stream"
EVENTS = f"{SOCKET}/events"
TICKETS = f"{SOCKET}/tickets"
"""A ticket changes nothing, so that a server that only reads makes them too."""
STREAMS = frozenset({SOCKET, EVENTS})
"""They last, so they have places of their own, and take a ticket in the address for a key."""
