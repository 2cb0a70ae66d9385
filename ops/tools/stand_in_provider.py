"""A stand-in for the provider azurerm: its true schema, and no cloud behind it.

Terraform itself reads the configuration, checks it against the schema, plans and runs tests. The stand-in knows types,
required and unknown arguments and blocks; allowed values, rules for names, overlapping addresses and what can only be
changed by making it anew are known to the real provider alone. Nothing can be applied with it.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import grpc
import msgpack

SCHEMA: Final = Path("ops/tools/azurerm.json")

# Generated at run time out of provider.proto, and therefore unknown to type checkers.
_messages, _services = grpc.protos_and_services("ops/tools/provider.proto")

_UNKNOWN: Final = msgpack.ExtType(0, b"\0")
"""How the protocol writes a value that only the cloud can tell."""


@contextmanager
def stand_in_provider() -> Iterator[Mapping[str, str]]:
    """Serve until the block is left; gives the environment variables that lead Terraform here, not to a registry."""
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", -1)])
    _services.add_ProviderServicer_to_server(_Provider(document["schema"]), server)
    with tempfile.TemporaryDirectory() as directory:
        socket = f"{directory}/provider.sock"
        server.add_insecure_port(f"unix:{socket}")
        server.start()
        address = {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": socket},
        }
        try:
            yield {"TF_REATTACH_PROVIDERS": json.dumps({document["source"]: address})}
        finally:
            server.stop(0).wait()


class _Provider:
    """The provider's side of the protocol; the names of its methods are the protocol's."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._provider = schema["provider"]
        self._resources = schema["resource_schemas"]
        self._data_sources = schema["data_source_schemas"]

    def GetSchema(self, _request: Any, _context: Any) -> Any:
        return _messages.GetProviderSchema.Response(
            provider=_schema_message(self._provider),
            resource_schemas={name: _schema_message(schema) for name, schema in self._resources.items()},
            data_source_schemas={name: _schema_message(schema) for name, schema in self._data_sources.items()},
        )

    def PrepareProviderConfig(self, request: Any, _context: Any) -> Any:
        return _messages.PrepareProviderConfig.Response(prepared_config=request.config)

    def Configure(self, _request: Any, _context: Any) -> Any:
        return _messages.Configure.Response()

    def ValidateResourceTypeConfig(self, request: Any, _context: Any) -> Any:
        return _validation(self._resources[request.type_name]["block"], request)

    def ValidateDataSourceConfig(self, request: Any, _context: Any) -> Any:
        return _validation(self._data_sources[request.type_name]["block"], request)

    def PlanResourceChange(self, request: Any, _context: Any) -> Any:
        planned = _decode(request.proposed_new_state)
        if planned is not None:
            _leave_to_the_cloud(self._resources[request.type_name]["block"], planned)
        return _messages.PlanResourceChange.Response(planned_state=_encode(planned), legacy_type_system=True)

    def ReadDataSource(self, request: Any, _context: Any) -> Any:
        state = _decode(request.config)
        for name, attribute in self._data_sources[request.type_name]["block"]["attributes"].items():
            if attribute.get("computed") and state.get(name) is None:
                # Every identifier that our data sources give is a UUID.
                state[name] = "00000000-0000-0000-0000-000000000000" if attribute["type"] == "string" else None
        return _messages.ReadDataSource.Response(state=_encode(state))

    def Stop(self, _request: Any, _context: Any) -> Any:
        return _messages.Stop.Response()


def _schema_message(schema: dict[str, Any]) -> Any:
    return _messages.Schema(version=schema["version"], block=_block_message(schema["block"]))


def _block_message(block: dict[str, Any]) -> Any:
    modes = _messages.Schema.NestedBlock.NestingMode
    flags = ("required", "optional", "computed", "sensitive", "write_only")
    return _messages.Schema.Block(
        attributes=[
            _messages.Schema.Attribute(
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                **{flag: True for flag in flags if attribute.get(flag)},
            )
            for name, attribute in sorted(block.get("attributes", {}).items())
        ],
        block_types=[
            _messages.Schema.NestedBlock(
                type_name=name,
                block=_block_message(nested["block"]),
                nesting=modes.Value(nested["nesting_mode"].upper()),
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in sorted(block.get("block_types", {}).items())
        ],
    )


def _validation(block: dict[str, Any], request: Any) -> Any:
    return _messages.Validate.Response(
        diagnostics=[
            _messages.Diagnostic(
                severity=_messages.Diagnostic.ERROR,
                summary="Value for unconfigurable attribute",
                detail=f"{request.type_name}.{path} is the provider's to decide.",
            )
            for path in _only_computed(block, _decode(request.config))
        ]
    )


def _only_computed(block: dict[str, Any], value: dict[str, Any], path: str = "") -> Iterator[str]:
    """Name what the configuration sets although only the provider may; Terraform leaves that check to the provider."""
    for name, attribute in block.get("attributes", {}).items():
        may_be_set = attribute.get("required") or attribute.get("optional")
        if not may_be_set and value.get(name) is not None:
            yield path + name
    for name, nested in block.get("block_types", {}).items():
        for item in _items(nested, value.get(name)):
            yield from _only_computed(nested["block"], item, f"{path}{name}.")


def _leave_to_the_cloud(block: dict[str, Any], value: dict[str, Any]) -> None:
    """Mark what the cloud will decide as unknown, and drop what is written only."""
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("write_only"):
            value[name] = None
        elif attribute.get("computed") and value.get(name) is None:
            value[name] = _UNKNOWN
    for name, nested in block.get("block_types", {}).items():
        for item in _items(nested, value.get(name)):
            _leave_to_the_cloud(nested["block"], item)


def _items(nested: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    """List the blocks of one type; those that are not known yet are left out."""
    if value is None or isinstance(value, msgpack.ExtType):
        return []
    items = [value] if nested["nesting_mode"] in {"single", "group"} else list(value)
    return [item for item in items if not isinstance(item, msgpack.ExtType)]


def _decode(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False)


def _encode(value: Any) -> Any:
    return _messages.DynamicValue(msgpack=msgpack.packb(value, use_bin_type=True))
