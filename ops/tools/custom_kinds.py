"""The fields of the kinds that Kubernetes itself does not know, as far as ops/k8s uses them.

From the CRDs of Traefik 3.7 (traefik.io/v1alpha1), as JSON Schema. A field that is not here is refused: Kubernetes
would drop it without a word.
"""

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_DURATION: Final = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}
_COUNT: Final = {"type": "integer", "minimum": 0}


def _fields(*required: str, **properties: object) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


_SOURCE: Final = _fields(
    ipStrategy=_fields(depth=_COUNT, excludedIPs={"type": "array", "items": _TEXT}, ipv6Subnet=_COUNT),
    requestHeaderName=_TEXT,
    requestHost={"type": "boolean"},
)

SPECS: Final = {
    ("traefik.io/v1alpha1", "Middleware"): {
        "maxProperties": 1,
        **_fields(
            rateLimit=_fields(average=_COUNT, period=_DURATION, burst=_COUNT, sourceCriterion=_SOURCE),
            inFlightReq=_fields("amount", amount=_COUNT, sourceCriterion=_SOURCE),
        ),
    },
    ("traefik.io/v1alpha1", "ServersTransport"): _fields(
        forwardingTimeouts=_fields(
            dialTimeout=_DURATION,
            responseHeaderTimeout=_DURATION,
            idleConnTimeout=_DURATION,
            readIdleTimeout=_DURATION,
            pingTimeout=_DURATION,
        ),
        maxIdleConnsPerHost=_COUNT,
    ),
}
"""What `spec` can hold, by API version and kind."""
