mock_provider "azurerm" {}

variables {
  name                       = "todo-test"
  location                   = "westeurope"
  resource_group_name        = "todo-test"
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.OperationalInsights/workspaces/todo-test"
}

run "nobody_has_a_password" {
  command = plan

  assert {
    condition     = azurerm_container_registry.this.admin_enabled == false && azurerm_container_registry.this.anonymous_pull_enabled == false
    error_message = "Only Entra identities may push and pull."
  }
}

run "what_only_premium_has_is_left_out_of_others" {
  command = plan

  assert {
    condition     = azurerm_container_registry.this.zone_redundancy_enabled == false && azurerm_container_registry.this.retention_policy_in_days == null
    error_message = "Azure refuses zones and retention on a Standard registry."
  }
}

run "premium_keeps_untagged_images_for_a_while" {
  command = plan

  variables {
    sku            = "Premium"
    retention_days = 7
  }

  assert {
    condition     = azurerm_container_registry.this.zone_redundancy_enabled == true && azurerm_container_registry.this.retention_policy_in_days == 7
    error_message = "A Premium registry spans zones and drops untagged images."
  }
}

run "an_unknown_kind_is_refused" {
  command = plan

  variables {
    sku = "Classic"
  }

  expect_failures = [var.sku]
}
