output "server_name" {
  description = "The name of the server, for `az postgres flexible-server`."
  value       = azurerm_postgresql_flexible_server.this.name
}

output "host" {
  description = "The name that the service connects to; resolved inside the network only."
  value       = azurerm_postgresql_flexible_server.this.fqdn
}

output "database_name" {
  description = "The database of the service."
  value       = azurerm_postgresql_flexible_server_database.this.name
}

output "login" {
  description = "The role of the service, which comes with an Entra token."
  value       = azurerm_postgresql_flexible_server_active_directory_administrator.service.principal_name
}
