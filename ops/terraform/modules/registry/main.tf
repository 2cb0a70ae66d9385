# The registry of images.

resource "azurerm_container_registry" "this" {
  #checkov:skip=CKV_AZURE_139:GitHub's runners push over the public address, with a token that lives for minutes.
  #checkov:skip=CKV_AZURE_164:Images are signed with cosign and checked by digest; Azure retires content trust.
  #checkov:skip=CKV_AZURE_166:Images are scanned before they are pushed; the registry's quarantine would hold up a rollback.
  #checkov:skip=CKV_AZURE_165:One region; the images can be built anew from the commit in their tag.
  #checkov:skip=CKV_AZURE_233:Zones come with the Premium kind, which production has.
  #checkov:skip=CKV_AZURE_237:Data endpoints serve clients behind a firewall; the nodes have none.
  name                = replace(var.name, "-", "")
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = var.sku

  # Nobody has a password: nodes and workflows come with their Entra identities.
  admin_enabled          = false
  anonymous_pull_enabled = false

  zone_redundancy_enabled  = local.is_premium
  retention_policy_in_days = local.is_premium ? var.retention_days : null
  tags                     = var.tags
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  name                       = "to-log-analytics"
  target_resource_id         = azurerm_container_registry.this.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  enabled_log {
    category = "ContainerRegistryLoginEvents"
  }

  enabled_log {
    category = "ContainerRegistryRepositoryEvents"
  }
}

locals {
  is_premium = var.sku == "Premium"
}
