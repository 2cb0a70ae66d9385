"""What a resolver can know beforehand of the fields that are selected below it."""

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from todo_gql.graphql.context import ContextInfo


def is_selected(info: ContextInfo, name: str) -> bool:
    """Say whether a field is asked for directly below the one being resolved, `@skip` and `@include` aside."""
    raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` converts the whole tree below.
    return any(_mentions(node.selection_set, name, raw.fragments) for node in raw.field_nodes)


def _mentions(selections: SelectionSetNode | None, name: str, fragments: dict[str, FragmentDefinitionNode]) -> bool:
    for selection in selections.selections if selections else ():
        match selection:
            case FieldNode():
                if selection.name.value == name:
                    return True
            case FragmentSpreadNode():
                # Validation has made sure that there is such a fragment, and that it does not contain itself.
                if _mentions(fragments[selection.name.value].selection_set, name, fragments):
                    return True
            case InlineFragmentNode():
                if _mentions(selection.selection_set, name, fragments):
                    return True
            case _:
                pass  # There is no other kind.
    return False
