mock_provider "azurerm" {}

variables {
  name                       = "todo-test"
  location                   = "westeurope"
  resource_group_name        = "todo-test"
  network_id                 = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.Network/virtualNetworks/todo-test"
  subnet_id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.Network/virtualNetworks/todo-test/subnets/database"
  tenant_id                  = "00000000-0000-0000-0000-000000000001"
  operators_object_id        = "00000000-0000-0000-0000-000000000002"
  operators_name             = "todo-operators"
  service_object_id          = "00000000-0000-0000-0000-000000000003"
  service_name               = "todo-test-service"
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.OperationalInsights/workspaces/todo-test"
}

run "the_server_has_no_public_side" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.public_network_access_enabled == false && azurerm_postgresql_flexible_server.this.delegated_subnet_id == var.subnet_id
    error_message = "The server is reached in its subnet only."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["require_secure_transport"].value == "ON"
    error_message = "Connections have to be encrypted."
  }
}

run "there_is_no_password" {
  command = plan

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled && azurerm_postgresql_flexible_server.this.administrator_password == null
    error_message = "Whoever connects comes with a token."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_active_directory_administrator.service.principal_name == "todo-test-service" && azurerm_postgresql_flexible_server_active_directory_administrator.service.principal_type == "ServicePrincipal"
    error_message = "The service connects with its identity."
  }
}

run "the_extensions_that_migrations_ask_for_are_allowed" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["azure.extensions"].value == "BTREE_GIN,PG_TRGM"
    error_message = "The search index needs both."
  }
}

run "entra_roles_may_connect" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].active_directory_auth_enabled && azurerm_postgresql_flexible_server_active_directory_administrator.operators.principal_type == "Group"
    error_message = "Operators connect with their Entra group."
  }
}

run "a_standby_lives_in_another_zone" {
  command = plan

  variables {
    database_sku   = "GP_Standard_D2ds_v5"
    zone_redundant = true
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.high_availability[0].mode == "ZoneRedundant"
    error_message = "zone_redundant asks for a standby."
  }
}

run "a_burstable_server_has_no_standby" {
  command = plan

  variables {
    zone_redundant = true
  }

  expect_failures = [var.zone_redundant]
}

run "a_burstable_server_has_no_pgbouncer" {
  command = plan

  variables {
    pgbouncer = true
  }

  expect_failures = [var.pgbouncer]
}
