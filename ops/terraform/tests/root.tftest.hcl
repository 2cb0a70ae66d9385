# Runs with each file of env in turn; what differs between them is asserted only where both must agree.
mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = {
      tenant_id = "00000000-0000-0000-0000-000000000001"
    }
  }
}

run "everything_says_whose_it_is" {
  command = plan

  assert {
    condition     = azurerm_resource_group.this.tags == tomap({ service = "todo-service", environment = var.environment, made-by = "terraform" })
    error_message = "Tags name the service, the environment and Terraform."
  }
}

run "a_lock_keeps_what_is_there" {
  command = plan

  variables {
    locked = true
  }

  assert {
    condition     = azurerm_management_lock.this[0].lock_level == "CanNotDelete"
    error_message = "locked forbids deletion."
  }
}

run "without_a_lock_it_can_go" {
  command = plan

  variables {
    locked = false
  }

  assert {
    condition     = length(azurerm_management_lock.this) == 0
    error_message = "What is not locked has no lock."
  }
}

run "a_name_too_long_for_the_registry_is_refused" {
  command = plan

  variables {
    name = "longername"
  }

  expect_failures = [var.name]
}
