"""What clients may know of the service itself."""

import strawberry


@strawberry.type
class ServiceLimits:
    """The bounds of one request."""

    max_page_size: int
    max_body_bytes: int
    max_tokens: int
    max_depth: int
    max_aliases: int
    max_fields: int
    max_directives: int
    max_cost: int
    max_objects: int
    max_bulk_size: int


@strawberry.type
class ServiceInfo:
    """The version and the bounds of the running service."""

    version: str
    commit: str | None
    schema_hash: str = strawberry.field(description="SHA-256 of the printed schema.")
    trash_retention_days: int
    changes_retention_days: int = strawberry.field(description="How long a SyncToken stays good.")
    limits: ServiceLimits
