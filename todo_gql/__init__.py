"""A todo service: GraphQL and REST over one core, on PostgreSQL or SQLite."""
