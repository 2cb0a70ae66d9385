"""Whose todos they are: the owner of a subject."""

import hashlib

from todo_gql.todos.model import Owner


def owner_of(issuer: str, subject: str) -> Owner:
    """Name the owner of what a subject of an issuer makes: 32 hexadecimal digits.

    The subject alone is unique only among one issuer's (OpenID Connect Core section 5.7): were the service told to
    believe another issuer, whoever is `admin` there would own what `admin` made here. Of both together this is the
    beginning of the SHA-256, with a line feed between, which neither can hold: it leads every key and index, and
    names nobody in an export.
    """
    return Owner(hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32])
