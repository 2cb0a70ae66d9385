# The cluster: private nodes, Entra instead of accounts of its own, upgrades by itself.

resource "azurerm_user_assigned_identity" "control_plane" {
  name                = "${var.name}-control-plane"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_role_assignment" "control_plane_joins_subnet" {
  scope                = var.subnet_id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.control_plane.principal_id
  principal_type       = "ServicePrincipal"
}

# To find Traefik's address the control plane lists those of the whole group.
resource "azurerm_role_assignment" "control_plane_takes_address" {
  scope                = var.resource_group_id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.control_plane.principal_id
  principal_type       = "ServicePrincipal"
}

# Made here and not by the cluster, so that its nodes may pull from the moment they are there.
resource "azurerm_user_assigned_identity" "nodes" {
  name                = "${var.name}-nodes"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_role_assignment" "nodes_pull" {
  scope                = var.registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.nodes.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "control_plane_hands_out_identity" {
  scope                = azurerm_user_assigned_identity.nodes.id
  role_definition_name = "Managed Identity Operator"
  principal_id         = azurerm_user_assigned_identity.control_plane.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "this" {
  #checkov:skip=CKV_AZURE_172:No secret is mounted from a vault: the service has none that lives longer than a token.
  #checkov:skip=CKV_AZURE_4:The control plane logs by the diagnostic setting below; pods log to the collector.
  #checkov:skip=CKV_AZURE_115:A private API is chosen by variable; it takes runners inside the network.
  #checkov:skip=CKV_AZURE_117:Disks are encrypted with Azure's keys; keys of one's own add a way to lose everything.
  #checkov:skip=CKV_AZURE_226:Ephemeral disks need a machine whose cache is larger than the disk, and those are for the operator to choose.
  #checkov:skip=CKV_AZURE_227:Encryption at the host has to be registered for the subscription first.
  #checkov:skip=CKV_AZURE_116:Pod Security and ops/tools/verify_k8s.py check what is deployed; Azure Policy is billed apart.
  #checkov:skip=CKV_AZURE_170:The control plane's tier is chosen by variable; production has a paid one.
  name                = "${var.name}-cluster"
  resource_group_name = var.resource_group_name
  node_resource_group = "${var.resource_group_name}-nodes"
  location            = var.location
  dns_prefix          = var.name
  kubernetes_version  = var.kubernetes_version
  sku_tier            = var.cluster_tier

  # Patches of Kubernetes and of the nodes' system come by themselves, at night; a new minor version is a change here.
  automatic_upgrade_channel    = "patch"
  node_os_upgrade_channel      = "NodeImage"
  image_cleaner_enabled        = true
  image_cleaner_interval_hours = 48

  private_cluster_enabled           = var.private_cluster
  local_account_disabled            = true
  role_based_access_control_enabled = true
  run_command_enabled               = false

  # Pods prove who they are with tokens that the cluster signs, and Entra trusts.
  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    tenant_id              = var.tenant_id
    admin_group_object_ids = [var.operators_object_id]
  }

  dynamic "api_server_access_profile" {
    for_each = length(var.api_server_ranges) == 0 ? [] : ["ranges"]

    content {
      authorized_ip_ranges = var.api_server_ranges
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.control_plane.id]
  }

  kubelet_identity {
    client_id                 = azurerm_user_assigned_identity.nodes.client_id
    object_id                 = azurerm_user_assigned_identity.nodes.principal_id
    user_assigned_identity_id = azurerm_user_assigned_identity.nodes.id
  }

  default_node_pool {
    name                         = "system"
    vm_size                      = var.system_vm_size
    vnet_subnet_id               = var.subnet_id
    zones                        = var.zones
    auto_scaling_enabled         = true
    min_count                    = var.system_nodes.min
    max_count                    = var.system_nodes.max
    max_pods                     = 50
    node_public_ip_enabled       = false
    only_critical_addons_enabled = true
    temporary_name_for_rotation  = "systemnew"

    upgrade_settings {
      max_surge = "33%"
    }
  }

  node_provisioning_profile {
    mode = "Manual"
  }

  # Pods have addresses of their own, apart from the network's; what they may reach is for NetworkPolicy to say.
  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    load_balancer_sku   = "standard"
    outbound_type       = "userAssignedNATGateway"
    pod_cidr            = "10.244.0.0/16"
    service_cidr        = "10.245.0.0/16"
    dns_service_ip      = "10.245.0.10"
  }

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    duration    = 4
    day_of_week = "Sunday"
    start_time  = "02:00"
    utc_offset  = "+00:00"
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    duration    = 4
    day_of_week = "Saturday"
    start_time  = "02:00"
    utc_offset  = "+00:00"
  }

  tags = var.tags

  lifecycle {
    # The autoscaler's.
    ignore_changes = [default_node_pool[0].node_count]
  }

  depends_on = [
    azurerm_role_assignment.control_plane_joins_subnet,
    azurerm_role_assignment.control_plane_takes_address,
    azurerm_role_assignment.control_plane_hands_out_identity,
    azurerm_role_assignment.nodes_pull,
  ]
}

resource "azurerm_kubernetes_cluster_node_pool" "work" {
  #checkov:skip=CKV_AZURE_227:Encryption at the host has to be registered for the subscription first.
  name                        = "work"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  mode                        = "User"
  vm_size                     = var.work_vm_size
  vnet_subnet_id              = var.subnet_id
  zones                       = var.zones
  auto_scaling_enabled        = true
  min_count                   = var.work_nodes.min
  max_count                   = var.work_nodes.max
  max_pods                    = 50
  node_public_ip_enabled      = false
  temporary_name_for_rotation = "worknew"
  tags                        = var.tags

  upgrade_settings {
    max_surge = "33%"
  }

  lifecycle {
    ignore_changes = [node_count]
  }
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  name                       = "to-log-analytics"
  target_resource_id         = azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  # Who changed what. The reads, which are many more and billed by size, stay out.
  enabled_log {
    category = "kube-audit-admin"
  }

  enabled_log {
    category = "cluster-autoscaler"
  }

  enabled_log {
    category = "guard"
  }
}
