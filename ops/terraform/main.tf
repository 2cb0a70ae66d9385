# One environment of the service. docs/operations.md says how it comes into being, and how it goes.

data "azurerm_client_config" "current" {}

locals {
  prefix = "${var.name}-${var.environment}"
  # Registry and database have names that nobody else in Azure may have.
  unique_prefix = "${local.prefix}-${substr(sha256(var.subscription_id), 0, 4)}"
  tags          = merge(var.tags, { service = "todo-service", environment = var.environment, made-by = "terraform" })
}

resource "azurerm_resource_group" "this" {
  name     = local.prefix
  location = var.location
  tags     = local.tags
}

resource "azurerm_management_lock" "this" {
  count = var.locked ? 1 : 0

  name       = "not-to-be-deleted"
  scope      = azurerm_resource_group.this.id
  lock_level = "CanNotDelete"
  notes      = "Set locked = false and apply before anything is taken away."
}

resource "azurerm_log_analytics_workspace" "this" {
  name                = "${local.prefix}-logs"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = var.log_retention_days
  tags                = local.tags
}

module "network" {
  source = "./modules/network"

  name                = local.prefix
  location            = var.location
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
  zones               = var.zones
  address_space       = var.address_space
  node_prefix         = var.node_prefix
  database_prefix     = var.database_prefix
  dns_zone_name       = var.dns_zone_name
  dns_record          = var.dns_record
}

module "registry" {
  source = "./modules/registry"

  name                       = local.unique_prefix
  location                   = var.location
  resource_group_name        = azurerm_resource_group.this.name
  tags                       = local.tags
  sku                        = var.registry_sku
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
}

module "database" {
  source = "./modules/database"

  name                       = local.unique_prefix
  location                   = var.location
  resource_group_name        = azurerm_resource_group.this.name
  tags                       = local.tags
  network_id                 = module.network.id
  subnet_id                  = module.network.database_subnet_id
  database_suffix            = var.database_suffix
  postgresql_version         = var.postgresql_version
  database_sku               = var.database_sku
  storage_mb                 = var.storage_mb
  zone_redundant             = var.zone_redundant
  zone                       = length(var.zones) == 0 ? null : sort(var.zones)[0]
  backup_retention_days      = var.backup_retention_days
  geo_redundant_backup       = var.geo_redundant_backup
  extensions                 = var.extensions
  pgbouncer                  = var.pgbouncer
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  operators_object_id        = var.operators_object_id
  operators_name             = var.operators_name
  service_object_id          = module.identity.service_object_id
  service_name               = module.identity.service_name
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
}

module "cluster" {
  source = "./modules/cluster"

  name                       = local.prefix
  location                   = var.location
  resource_group_name        = azurerm_resource_group.this.name
  resource_group_id          = azurerm_resource_group.this.id
  tags                       = local.tags
  zones                      = var.zones
  subnet_id                  = module.network.node_subnet_id
  registry_id                = module.registry.id
  kubernetes_version         = var.kubernetes_version
  cluster_tier               = var.cluster_tier
  system_vm_size             = var.system_vm_size
  system_nodes               = var.system_nodes
  work_vm_size               = var.work_vm_size
  work_nodes                 = var.work_nodes
  private_cluster            = var.private_cluster
  api_server_ranges          = var.api_server_ranges
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  operators_object_id        = var.operators_object_id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
}

module "identity" {
  source = "./modules/identity"

  name                = local.unique_prefix
  location            = var.location
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
  environment         = var.environment
  oidc_issuer_url     = module.cluster.oidc_issuer_url
  github_repository   = var.github_repository
  source_registry_id  = var.source_registry_id
  cluster_id          = module.cluster.id
  registry_id         = module.registry.id
}
