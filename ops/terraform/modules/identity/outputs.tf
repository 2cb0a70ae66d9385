output "vault_name" {
  description = "The vault, for `az keyvault`."
  value       = azurerm_key_vault.this.name
}

output "service_client_id" {
  description = "The service's identity, for the annotation of its service account."
  value       = azurerm_user_assigned_identity.service.client_id
}

output "deploy_client_id" {
  description = "GitHub's identity, for the variable AZURE_CLIENT_ID of its environment."
  value       = azurerm_user_assigned_identity.deploy.client_id
}
