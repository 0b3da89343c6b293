"""The errors a user may meet. A message says what happened, where, and what to do next.

Programming errors do not belong here: they keep their own types and tracebacks.
"""


class CollaborationError(Exception):
    """A failure the user can act on; shown without a traceback."""


class StorageError(CollaborationError):
    """The store cannot be written: no drop is at fault, and the next would fare no better."""


class UnsuitableExportError(CollaborationError):
    """An export that is understood but carries no addresses; says which export to choose instead."""
