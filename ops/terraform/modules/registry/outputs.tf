output "id" {
  description = "The registry, to assign roles on."
  value       = azurerm_container_registry.this.id
}

output "name" {
  description = "The name of the registry, for `az acr login`."
  value       = azurerm_container_registry.this.name
}

output "login_server" {
  description = "What the names of images begin with."
  value       = azurerm_container_registry.this.login_server
}
