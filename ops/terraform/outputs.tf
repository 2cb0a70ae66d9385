output "resource_group_name" {
  description = "The resource group of everything."
  value       = azurerm_resource_group.this.name
}

output "tenant_id" {
  description = "The Entra tenant, for the variable AZURE_TENANT_ID of GitHub."
  value       = data.azurerm_client_config.current.tenant_id
}

output "registry_id" {
  description = "The registry, for the variable source_registry_id of the environment that takes over its images."
  value       = module.registry.id
}

output "registry_name" {
  description = "The name of the registry, for the variable REGISTRY of GitHub."
  value       = module.registry.name
}

output "registry_login_server" {
  description = "What the names of images begin with."
  value       = module.registry.login_server
}

output "cluster_name" {
  description = "The name of the cluster, for the variable CLUSTER of GitHub."
  value       = module.cluster.name
}

output "database_server_name" {
  description = "The name of the database server, for `az postgres flexible-server`."
  value       = module.database.server_name
}

output "database_host" {
  description = "The name that the service connects to."
  value       = module.database.host
}

output "database_name" {
  description = "The database of the service."
  value       = module.database.database_name
}

output "database_url" {
  description = "The address of the database, for `site.yaml`. There is no secret in it: the pod's identity is the password."
  value       = "postgresql://${module.database.login}@${module.database.host}:5432/${module.database.database_name}?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
}

output "service_client_id" {
  description = "The service's identity, for the annotation of its service account."
  value       = module.identity.service_client_id
}

output "deploy_client_id" {
  description = "GitHub's identity, for the variable AZURE_CLIENT_ID of its environment."
  value       = module.identity.deploy_client_id
}

output "ingress_ip_address" {
  description = "Traefik's address."
  value       = module.network.ingress_ip_address
}

output "ingress_ip_name" {
  description = "The name of Traefik's address, for its Service."
  value       = module.network.ingress_ip_name
}

output "outbound_ip_address" {
  description = "The address that the service calls others from."
  value       = module.network.outbound_ip_address
}

output "dns_name_servers" {
  description = "Where the parent domain has to delegate the DNS zone to."
  value       = module.network.dns_name_servers
}
