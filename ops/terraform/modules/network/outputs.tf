output "id" {
  description = "The virtual network."
  value       = azurerm_virtual_network.this.id
}

output "node_subnet_id" {
  description = "The subnet of the nodes; known once it may be used: with its rules and its way out."
  value       = azurerm_subnet.nodes.id

  depends_on = [
    azurerm_nat_gateway_public_ip_association.this,
    azurerm_subnet_nat_gateway_association.nodes,
    azurerm_subnet_network_security_group_association.nodes,
  ]
}

output "database_subnet_id" {
  description = "The subnet of the database; known once its rules are in force."
  value       = azurerm_subnet.database.id

  depends_on = [azurerm_subnet_network_security_group_association.database]
}

output "ingress_ip_address" {
  description = "Traefik's address."
  value       = azurerm_public_ip.ingress.ip_address
}

output "ingress_ip_name" {
  description = "The name of that address, by which the cluster finds it."
  value       = azurerm_public_ip.ingress.name
}

output "outbound_ip_address" {
  description = "The address that pods call others from."
  value       = azurerm_public_ip.outbound.ip_address
}

output "dns_name_servers" {
  description = "Where the parent domain has to delegate the DNS zone to; empty without one."
  value       = [for zone in azurerm_dns_zone.this : zone.name_servers]
}
