mock_provider "azurerm" {}

variables {
  name                = "todo"
  location            = "westeurope"
  subscription_id     = "00000000-0000-0000-0000-000000000000"
  github_repository   = "example/todo_gql"
  operators_object_id = "00000000-0000-0000-0000-000000000002"
}

run "no_key_opens_the_state" {
  command = plan

  assert {
    condition     = azurerm_storage_account.state.shared_access_key_enabled == false && azurerm_storage_account.state.local_user_enabled == false && azurerm_storage_account.state.allow_nested_items_to_be_public == false
    error_message = "The state is opened by Entra alone."
  }
}

run "an_overwritten_state_can_be_had_back" {
  command = plan

  assert {
    condition     = azurerm_storage_account.state.blob_properties[0].versioning_enabled && azurerm_storage_account.state.blob_properties[0].delete_retention_policy[0].days == 30
    error_message = "Versions and deleted states are kept."
  }
}

run "pull_requests_only_read" {
  command = plan

  assert {
    condition     = [for name, assignment in azurerm_role_assignment.terraform : assignment.role_definition_name if startswith(name, "plan:")] == ["Reader"] && azurerm_role_assignment.state["plan"].role_definition_name == "Storage Blob Data Reader"
    error_message = "A pull request may look at everything and change nothing."
  }
}

run "changes_wait_for_an_approval" {
  command = plan

  assert {
    condition     = azurerm_federated_identity_credential.terraform["apply-production"].subject == "repo:example/todo_gql:environment:terraform-production"
    error_message = "The identity that changes is trusted in its environments alone."
  }
}
