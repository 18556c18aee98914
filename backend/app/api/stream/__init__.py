"""The stream for clients: every event of the journal as messages, each once and in order, over WebSocket and as
server-sent events.

messages.py says what there is; rendering.py makes an event's message; feed.py makes each once for everybody; views.py
keeps what only the newest of counts; client.py takes one client from where it was to the present, and lets go of one
that is too slow; doors.py are the routes.
"""
