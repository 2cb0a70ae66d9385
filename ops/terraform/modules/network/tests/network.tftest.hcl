mock_provider "azurerm" {}

variables {
  name                = "todo-test"
  location            = "westeurope"
  resource_group_name = "todo-test"
}

run "the_database_admits_the_nodes_alone" {
  command = plan

  assert {
    condition     = azurerm_network_security_rule.nodes_to_database.source_address_prefix == "10.20.0.0/22" && azurerm_network_security_rule.nodes_to_database.destination_port_ranges == toset(["5432", "6432"])
    error_message = "The nodes have to reach PostgreSQL and PgBouncer."
  }

  assert {
    condition     = azurerm_network_security_rule.nothing_else_to_database.access == "Deny" && azurerm_network_security_rule.nothing_else_to_database.source_address_prefix == "*" && azurerm_network_security_rule.nothing_else_to_database.protocol == "*"
    error_message = "Everybody else has to be denied, in the virtual network too."
  }

  assert {
    condition     = azurerm_network_security_rule.nothing_else_to_database.priority > max(azurerm_network_security_rule.nodes_to_database.priority, azurerm_network_security_rule.within_database.priority)
    error_message = "The denial has to come after what is allowed."
  }

  assert {
    condition     = azurerm_subnet.database.delegation[0].service_delegation[0].name == "Microsoft.DBforPostgreSQL/flexibleServers"
    error_message = "The subnet has to be delegated to the database."
  }
}

run "nodes_have_one_way_out" {
  command = plan

  assert {
    condition     = azurerm_subnet.nodes.default_outbound_access_enabled == false && azurerm_nat_gateway.this.zones == toset(["1"])
    error_message = "Nodes leave by the NAT gateway, which lives in one zone."
  }
}

run "without_a_zone_nothing_of_dns_is_made" {
  command = plan

  assert {
    condition     = length(azurerm_dns_zone.this) == 0 && length(azurerm_dns_a_record.service) == 0
    error_message = "DNS is made only when a zone is named."
  }
}

run "a_zone_leads_to_the_service" {
  command = plan

  variables {
    dns_zone_name = "todo.example.com"
  }

  assert {
    condition     = azurerm_dns_zone.this[0].name == "todo.example.com" && azurerm_dns_a_record.service[0].name == "@"
    error_message = "The zone and its record have to be made."
  }
}

run "a_range_that_is_none_is_refused" {
  command = plan

  variables {
    node_prefix = "10.20.0.0"
  }

  expect_failures = [var.node_prefix]
}
