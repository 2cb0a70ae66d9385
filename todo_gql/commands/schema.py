"""`todo-gql schema`: print the GraphQL schema."""

import argparse


def run(_: argparse.Namespace) -> int:
    """Run the command."""
    # The other commands would start a second later with what this one needs.
    from todo_gql.graphql.schema import print_sdl  # noqa: PLC0415

    print(print_sdl(), end="")
    return 0
