"""Who exports: the attributes that every span, metric and log record of this process has in common."""

from typing import Final
from uuid import uuid4

from opentelemetry.sdk.resources import Resource

SERVICE_NAME: Final = "todo-gql"


def service_resource(version: str) -> Resource:
    """Describe this process. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win; only they know the environment."""
    from_environment = Resource.create()
    ours = {
        "service.name": SERVICE_NAME,
        "service.version": version,
        "service.instance.id": str(uuid4()),
    }
    named = {name for name in from_environment.attributes if not _is_placeholder(from_environment, name)}
    return from_environment.merge(Resource({name: value for name, value in ours.items() if name not in named}))


def _is_placeholder(resource: Resource, name: str) -> bool:
    """Say whether the SDK made this value up: it calls a service without a name unknown_service."""
    return name == "service.name" and str(resource.attributes[name]).startswith("unknown_service")
