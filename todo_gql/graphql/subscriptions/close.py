"""How a WebSocket is closed: the codes of graphql-transport-ws, and those of RFC 6455 after which clients come back."""

from enum import IntEnum
from typing import Final

from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected

MAX_REASON_BYTES: Final = 123
"""RFC 6455 section 5.5: a control frame carries 125 bytes, two of which are the code."""


CLIENT_GONE: Final = (WebSocketDisconnect, WebSocketDisconnected)
"""What Starlette raises to whoever first sends or receives on a connection that is lost, and to those who do later.

The second is also for those who send after a close of our own.
"""


class CloseCode(IntEnum):
    """Why a socket is closed. Clients take the 44xx for their own fault, and do not try again.

    After FORBIDDEN they do, as a new token may let them in.
    """

    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429


class Closed(Exception):
    """Ends the socket with a code and a reason that fits into its frame."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore")
