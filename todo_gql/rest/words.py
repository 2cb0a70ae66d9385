"""What the old service said of a member, in its words (marshmallow's), and what this one adds in the same tone."""

from typing import Final

from todo_gql.todos.problems import Violation, ViolationRule

NO_INPUT: Final = "No input data provided"
INVALID_INPUT_TYPE: Final = "Invalid input type."
UNKNOWN_FIELD: Final = "Unknown field."
MISSING: Final = "Missing data for required field."
NULL: Final = "Field may not be null."
CHANGED: Final = "Field may not be changed."
NOT_A_STRING: Final = "Not a valid string."
NOT_AN_INTEGER: Final = "Not a valid integer."
NOT_A_BOOLEAN: Final = "Not a valid boolean."
NOT_A_LIST: Final = "Not a valid list."
NOT_A_UUID: Final = "Not a valid UUID."
NOT_A_DATE: Final = "Not a valid date."
NOT_A_DATETIME: Final = "Not a valid datetime."
NOT_A_TIME_ZONE: Final = "Not a valid time zone."
NOT_A_DUE: Final = "Give either date, or at and time_zone."
OTHER_THAN_DEPENDENCIES: Final = "Must be the first of dependencies."
OTHER_THAN_STATUS: Final = "Must be true when status is COMPLETED, and false otherwise."


def words_of(violation: Violation) -> str:
    """Say a broken rule as the old service did."""
    match violation.rule:
        case ViolationRule.REQUIRED:
            return MISSING
        case ViolationRule.NOT_NULL:
            return NULL
        case ViolationRule.BLANK:
            return "Shorter than minimum length 1."
        case ViolationRule.TOO_LONG | ViolationRule.TOO_MANY:
            return f"Longer than maximum length {violation.limit}."
        case ViolationRule.MALFORMED:
            return NOT_A_UUID if violation.path[0] in {"id", "dependencies"} else violation.message
        case ViolationRule.UNKNOWN_REFERENCE:
            return "Unknown todo."
        case ViolationRule.FORBIDDEN_CHARACTER:
            return "Contains a forbidden character."
