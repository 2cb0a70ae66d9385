"""How a command of the command line fails."""


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence for the person at the terminal."""
