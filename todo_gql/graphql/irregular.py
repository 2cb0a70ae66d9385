"""What our own execution leaves to graphql-core."""


class Irregular(Exception):
    """A value is not what the schema says, or what something was made for."""
