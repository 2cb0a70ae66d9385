output "service_client_id" {
  description = "The service's identity, for the annotation of its service account."
  value       = azurerm_user_assigned_identity.service.client_id
}

output "service_name" {
  description = "The name of the service's identity, which is its role in PostgreSQL."
  value       = azurerm_user_assigned_identity.service.name
}

output "service_object_id" {
  description = "The service's identity, as PostgreSQL is told of it."
  value       = azurerm_user_assigned_identity.service.principal_id
}

output "deploy_client_id" {
  description = "GitHub's identity, for the variable AZURE_CLIENT_ID of its environment."
  value       = azurerm_user_assigned_identity.deploy.client_id
}
