# The database: reached from inside the network only.

resource "azurerm_private_dns_zone" "this" {
  name                = "${var.name}.private.postgres.database.azure.com"
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  name                = var.name
  private_dns_zone_id = azurerm_private_dns_zone.this.id
  virtual_network_id  = var.network_id
  tags                = var.tags
}

resource "azurerm_postgresql_flexible_server" "this" {
  #checkov:skip=CKV2_AZURE_57:It lies in a delegated subnet, which a private endpoint excludes.
  #checkov:skip=CKV_AZURE_136:Backups in a second region are chosen by variable; production has them.
  name                = "${var.name}-${var.database_suffix}"
  resource_group_name = var.resource_group_name
  location            = var.location
  version             = var.postgresql_version
  sku_name            = var.database_sku
  zone                = var.zone

  delegated_subnet_id           = var.subnet_id
  private_dns_zone_id           = azurerm_private_dns_zone.this.id
  public_network_access_enabled = false

  storage_mb                   = var.storage_mb
  auto_grow_enabled            = true
  backup_retention_days        = var.backup_retention_days
  geo_redundant_backup_enabled = var.geo_redundant_backup

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
    tenant_id                     = var.tenant_id
  }

  dynamic "high_availability" {
    for_each = var.zone_redundant ? ["standby"] : []

    content {
      mode = "ZoneRedundant"
    }
  }

  maintenance_window {
    day_of_week  = 0
    start_hour   = 2
    start_minute = 0
  }

  tags = var.tags

  lifecycle {
    # After a failover the two have changed places, which is no reason to change them back.
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.this]
}

resource "azurerm_postgresql_flexible_server_active_directory_administrator" "operators" {
  resource_group_name = var.resource_group_name
  server_name         = azurerm_postgresql_flexible_server.this.name
  tenant_id           = var.tenant_id
  object_id           = var.operators_object_id
  principal_name      = var.operators_name
  principal_type      = "Group"
}

# The service, its migration and its purge, with a token in place of a password. It owns the tables that it makes, and
# makes the role under which it works for an owner (docs/decisions/0012-row-level-security.md).
resource "azurerm_postgresql_flexible_server_active_directory_administrator" "service" {
  resource_group_name = var.resource_group_name
  server_name         = azurerm_postgresql_flexible_server.this.name
  tenant_id           = var.tenant_id
  object_id           = var.service_object_id
  principal_name      = var.service_name
  principal_type      = "ServicePrincipal"

  # Azure refuses two changes of its administrators at a time.
  depends_on = [azurerm_postgresql_flexible_server_active_directory_administrator.operators]
}

resource "azurerm_postgresql_flexible_server_database" "this" {
  name      = "todo"
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "en_US.utf8"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_postgresql_flexible_server_configuration" "this" {
  for_each = merge(
    {
      "azure.extensions"           = join(",", sort(var.extensions))
      "require_secure_transport"   = "ON"
      "ssl_min_protocol_version"   = "TLSv1.2"
      "connection_throttle.enable" = "ON"
      "log_checkpoints"            = "ON"
      "log_connections"            = "ON"
      "log_disconnections"         = "ON"
      # In milliseconds: the service gives a statement 4 seconds.
      "log_min_duration_statement" = "1000"
    },
    var.pgbouncer ? { "pgbouncer.enabled" = "true", "pgbouncer.pool_mode" = "transaction" } : {},
  )

  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = each.value
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  name                       = "to-log-analytics"
  target_resource_id         = azurerm_postgresql_flexible_server.this.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  enabled_log {
    category = "PostgreSQLLogs"
  }

  enabled_metric {
    category = "AllMetrics"
  }
}
