"""Stop although something did not pass on that it was to."""

import asyncio


def heed_cancellation() -> None:
    """Raise CancelledError when the present task was cancelled, and what it awaited then went on all the same.

    A driver was seen to go on connecting once. A task that works in rounds asks in each of them; to be cancelled a
    second time would not do, as it would break off whatever the first has begun to clean up.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
