"""Holds answers against the OpenAPI document that the service gives of itself."""

import json
import re
from typing import Any, Final

import httpx
from jsonschema import Draft202012Validator

_BODILESS: Final = {204, 304}


class Conformance:
    """Checks that the document declares each answer: its status, its media type, its body, and its problem code."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = {
            re.compile(re.sub(r"{\w+}", "[^/]+", path)): operations for path, operations in document["paths"].items()
        }
        self._components = document["components"]

    async def check(self, response: httpx.Response) -> None:
        """Raise AssertionError or ValidationError for an answer that the document does not declare."""
        await response.aread()
        method = response.request.method.lower()
        operation = self._operation(response.url.path, "get" if method == "head" else method)
        if operation is None:
            assert response.status_code in {404, 405, 308} or method == "options", response.status_code
            return
        answers = operation["responses"]
        assert str(response.status_code) in answers, f"{method} {response.url.path}: {response.status_code}"
        if method == "head" or response.status_code in _BODILESS:
            assert response.content == b""
            return
        content = answers[str(response.status_code)]["content"][response.headers["Content-Type"]]
        self._validate(response.json(), content["schema"], check_formats=True)
        if not response.is_success:
            assert response.json()["code"] in content["examples"]
        if response.is_success and "requestBody" in operation:
            self._check_request(response.request, operation)

    def _check_request(self, request: httpx.Request, operation: dict[str, Any]) -> None:
        media_type = request.headers["Content-Type"].partition(";")[0].lower()
        content = operation["requestBody"]["content"]
        if media_type in content:
            self._validate(
                json.loads(request.content.decode("utf-8-sig")), content[media_type]["schema"], check_formats=False
            )

    def _operation(self, path: str, method: str) -> dict[str, Any] | None:
        for pattern, operations in self._paths.items():
            if pattern.fullmatch(path):
                operation: dict[str, Any] | None = operations.get(method)
                return operation
        return None

    def _validate(self, value: object, schema: dict[str, Any], *, check_formats: bool) -> None:
        checker = Draft202012Validator.FORMAT_CHECKER if check_formats else None
        Draft202012Validator({**schema, "components": self._components}, format_checker=checker).validate(value)
