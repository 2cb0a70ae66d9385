# The network: one subnet for nodes, one for the database, one way in and one way out.

resource "azurerm_virtual_network" "this" {
  name                = "${var.name}-network"
  resource_group_name = var.resource_group_name
  location            = var.location
  address_space       = [var.address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = var.resource_group_name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = [var.node_prefix]

  # What leaves goes through the NAT gateway, with an address that can be told to others.
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "database" {
  name                            = "database"
  resource_group_name             = var.resource_group_name
  virtual_network_name            = azurerm_virtual_network.this.name
  address_prefixes                = [var.database_prefix]
  default_outbound_access_enabled = false

  # Azure adds it to a subnet that is delegated so, for the backups; undeclared, each plan would take it away.
  service_endpoint {
    service = "Microsoft.Storage"
  }

  delegation {
    name = "postgresql"

    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_public_ip" "outbound" {
  name                = "${var.name}-outbound"
  resource_group_name = var.resource_group_name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = local.nat_zones
  tags                = var.tags
}

resource "azurerm_nat_gateway" "this" {
  name                    = "${var.name}-outbound"
  resource_group_name     = var.resource_group_name
  location                = var.location
  sku_name                = "Standard"
  idle_timeout_in_minutes = 10
  zones                   = local.nat_zones
  tags                    = var.tags
}

resource "azurerm_nat_gateway_public_ip_association" "this" {
  nat_gateway_id       = azurerm_nat_gateway.this.id
  public_ip_address_id = azurerm_public_ip.outbound.id
}

resource "azurerm_subnet_nat_gateway_association" "nodes" {
  subnet_id      = azurerm_subnet.nodes.id
  nat_gateway_id = azurerm_nat_gateway.this.id
}

# Traefik's address: it outlives the cluster, so that DNS need not change when that is made anew.
resource "azurerm_public_ip" "ingress" {
  name                = "${var.name}-ingress"
  resource_group_name = var.resource_group_name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = length(var.zones) == 0 ? null : var.zones
  tags                = var.tags
}

resource "azurerm_dns_zone" "this" {
  count = var.dns_zone_name == null ? 0 : 1

  name                = var.dns_zone_name
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_dns_a_record" "service" {
  count = var.dns_zone_name == null ? 0 : 1

  name                = var.dns_record
  zone_name           = azurerm_dns_zone.this[0].name
  resource_group_name = var.resource_group_name
  ttl                 = 300
  target_resource_id  = azurerm_public_ip.ingress.id
  tags                = var.tags
}

locals {
  # A NAT gateway of the Standard kind lives in one zone.
  nat_zones = length(var.zones) == 0 ? null : [sort(var.zones)[0]]
}
