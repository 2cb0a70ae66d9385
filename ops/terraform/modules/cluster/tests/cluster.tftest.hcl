mock_provider "azurerm" {}

variables {
  name                       = "todo-test"
  location                   = "westeurope"
  resource_group_name        = "todo-test"
  resource_group_id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test"
  subnet_id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.Network/virtualNetworks/todo-test/subnets/nodes"
  registry_id                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.ContainerRegistry/registries/todotest"
  tenant_id                  = "00000000-0000-0000-0000-000000000001"
  operators_object_id        = "00000000-0000-0000-0000-000000000002"
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.OperationalInsights/workspaces/todo-test"
}

run "only_entra_opens_the_cluster" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.local_account_disabled && azurerm_kubernetes_cluster.this.azure_active_directory_role_based_access_control[0].azure_rbac_enabled
    error_message = "There are no local accounts, and Entra's roles decide."
  }
}

run "pods_prove_who_they_are" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.oidc_issuer_enabled && azurerm_kubernetes_cluster.this.workload_identity_enabled
    error_message = "Workload identity needs the issuer."
  }
}

run "nodes_are_private_and_policies_are_enforced" {
  command = plan

  assert {
    condition     = !azurerm_kubernetes_cluster.this.default_node_pool[0].node_public_ip_enabled && !azurerm_kubernetes_cluster_node_pool.work.node_public_ip_enabled
    error_message = "Nodes have no addresses of their own."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.network_profile[0].network_plugin_mode == "overlay" && azurerm_kubernetes_cluster.this.network_profile[0].network_policy == "cilium" && azurerm_kubernetes_cluster.this.network_profile[0].outbound_type == "userAssignedNATGateway"
    error_message = "Overlay addresses, enforced policies, and the NAT gateway as the way out."
  }
}

run "nodes_may_pull_and_no_more" {
  command = plan

  assert {
    condition     = azurerm_role_assignment.nodes_pull.role_definition_name == "AcrPull" && azurerm_role_assignment.nodes_pull.scope == var.registry_id
    error_message = "Nodes pull from the registry."
  }
}

run "both_pools_grow_and_span_zones" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.work.auto_scaling_enabled && azurerm_kubernetes_cluster_node_pool.work.max_count == 6 && azurerm_kubernetes_cluster_node_pool.work.zones == toset(["1", "2", "3"])
    error_message = "The pool of the service grows by itself, in all zones."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].only_critical_addons_enabled
    error_message = "The service stays off the nodes of Kubernetes itself."
  }
}

run "ranges_close_the_api" {
  command = plan

  variables {
    api_server_ranges = ["203.0.113.0/24"]
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.api_server_access_profile[0].authorized_ip_ranges == toset(["203.0.113.0/24"])
    error_message = "Only the ranges given may reach the API."
  }
}

run "a_pool_that_cannot_grow_to_its_least_is_refused" {
  command = plan

  variables {
    work_nodes = { min = 3, max = 2 }
  }

  expect_failures = [var.work_nodes]
}

run "a_private_cluster_has_no_public_ranges" {
  command = plan

  variables {
    private_cluster   = true
    api_server_ranges = ["203.0.113.0/24"]
  }

  expect_failures = [var.private_cluster]
}
