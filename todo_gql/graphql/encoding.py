"""Answers as JSON."""

import json
from collections.abc import Mapping
from typing import Any

import orjson


def encode(body: Mapping[str, Any]) -> bytes:
    """Write an answer in UTF-8."""
    try:
        return orjson.dumps(body)
    except TypeError:
        # A lone surrogate that the client sent stands in an error or an id: only escaped has it a place in JSON.
        return json.dumps(body).encode()
