output "id" {
  description = "The cluster, to assign roles on."
  value       = azurerm_kubernetes_cluster.this.id
}

output "name" {
  description = "The name of the cluster, for `az aks get-credentials`."
  value       = azurerm_kubernetes_cluster.this.name
}

output "oidc_issuer_url" {
  description = "Who signs the tokens of service accounts."
  value       = azurerm_kubernetes_cluster.this.oidc_issuer_url
}
