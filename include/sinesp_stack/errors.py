"""What can go wrong while the stack starts; messages are for the person at the keyboard."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says why and what to do."""


class NotReadyError(Exception):
    """A health check did not pass yet; the message is the reason, shown only if time runs out."""
