output "backend_config" {
  description = "The file for `terraform init -backend-config`; each environment has a key of its own."
  value       = <<-EOT
    resource_group_name  = "${azurerm_resource_group.this.name}"
    storage_account_name = "${azurerm_storage_account.state.name}"
    container_name       = "${azurerm_storage_container.state.name}"
  EOT
}

output "plan_client_id" {
  description = "For the variable TERRAFORM_PLAN_CLIENT_ID of the repository in GitHub."
  value       = azurerm_user_assigned_identity.terraform["plan"].client_id
}

output "apply_client_id" {
  description = "For the variable AZURE_CLIENT_ID of the environments terraform-staging and terraform-production."
  value       = azurerm_user_assigned_identity.terraform["apply"].client_id
}
