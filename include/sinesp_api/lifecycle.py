"""Whether this process is going down: what is open for long asks, and ends."""

from threading import Event

STOPPING = Event()
"""Set when the server was told to stop; it then waits for open connections."""
