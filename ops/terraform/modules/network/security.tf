# What may talk to what. Azure's own last rules allow the virtual network and its load balancer, and deny the rest.

resource "azurerm_network_security_group" "nodes" {
  name                = "${var.name}-nodes"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_network_security_rule" "web" {
  #checkov:skip=CKV_AZURE_160:Port 80 is open because Traefik redirects it to 443, and answers ACME challenges there.
  name                        = "web"
  description                 = "Callers reach Traefik."
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.nodes.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = "Internet"
  source_port_range           = "*"
  # The load balancer hands packets on with its public address as their destination.
  destination_address_prefix = azurerm_public_ip.ingress.ip_address
  destination_port_ranges    = ["80", "443"]
}

resource "azurerm_network_security_group" "database" {
  name                = "${var.name}-database"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_network_security_rule" "nodes_to_database" {
  name                        = "nodes-to-database"
  description                 = "Pods leave their node with its address; 5432 is PostgreSQL, 6432 its PgBouncer."
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.database.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = var.node_prefix
  source_port_range           = "*"
  destination_address_prefix  = var.database_prefix
  destination_port_ranges     = ["5432", "6432"]
}

resource "azurerm_network_security_rule" "within_database" {
  name                        = "within-database"
  description                 = "The primary and its standby copy to each other inside their subnet."
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.database.name
  priority                    = 110
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "*"
  source_address_prefix       = var.database_prefix
  source_port_range           = "*"
  destination_address_prefix  = var.database_prefix
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "nothing_else_to_database" {
  name                        = "nothing-else-to-database"
  description                 = "Takes back what Azure allows by itself: the rest of the virtual network."
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.database.name
  priority                    = 4096
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_subnet_network_security_group_association" "nodes" {
  subnet_id                 = azurerm_subnet.nodes.id
  network_security_group_id = azurerm_network_security_group.nodes.id
}

resource "azurerm_subnet_network_security_group_association" "database" {
  subnet_id                 = azurerm_subnet.database.id
  network_security_group_id = azurerm_network_security_group.database.id

  # A database that is made before its rules would be open to the whole network for a while.
  depends_on = [
    azurerm_network_security_rule.nodes_to_database,
    azurerm_network_security_rule.within_database,
    azurerm_network_security_rule.nothing_else_to_database,
  ]
}
