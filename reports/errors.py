"""What can be wrong with a report that is asked for."""


class ReportError(Exception):
    """The report cannot be written where it was asked for; the message is one line for the user."""
