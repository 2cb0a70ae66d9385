variable "name" {
  type        = string
  description = "What the names of all resources begin with."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "Use 3 to 24 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "location" {
  type        = string
  description = "The Azure region, as `az account list-locations` names it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]+$", var.location))
    error_message = "Use the short name of a region, such as westeurope."
  }
}

variable "resource_group_name" {
  type        = string
  description = "The resource group that everything is made in."

  validation {
    condition     = length(var.resource_group_name) > 0 && length(var.resource_group_name) <= 90
    error_message = "A resource group has a name of 1 to 90 characters."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource that can have them."
  default     = {}

  validation {
    condition     = length(var.tags) <= 50
    error_message = "Azure allows 50 tags."
  }
}

variable "zones" {
  type        = set(string)
  description = "Availability zones to spread over; empty where the region has none."
  default     = ["1", "2", "3"]

  validation {
    condition     = alltrue([for zone in var.zones : contains(["1", "2", "3"], zone)])
    error_message = "Zones are called 1, 2 and 3."
  }
}

variable "address_space" {
  type        = string
  description = "The addresses of the virtual network."
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.address_space, 0))
    error_message = "Give a range such as 10.20.0.0/16."
  }
}

variable "node_prefix" {
  type        = string
  description = "The addresses of the nodes; pods have their own outside of the network."
  default     = "10.20.0.0/22"

  validation {
    condition     = can(cidrhost(var.node_prefix, 0))
    error_message = "Give a range such as 10.20.0.0/16."
  }
}

variable "database_prefix" {
  type        = string
  description = "The addresses of the database; /28 is the smallest that Azure takes."
  default     = "10.20.8.0/28"

  validation {
    condition     = can(cidrhost(var.database_prefix, 0))
    error_message = "Give a range such as 10.20.0.0/16."
  }
}

variable "dns_zone_name" {
  type        = string
  description = "A DNS zone to make for the service, such as `todo.example.com`; null for none."
  default     = null

  validation {
    condition     = var.dns_zone_name == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.dns_zone_name))
    error_message = "Give a domain name such as todo.example.com."
  }
}

variable "dns_record" {
  type        = string
  description = "The record in the DNS zone that leads to the service; `@` is the zone itself."
  default     = "@"

  validation {
    condition     = can(regex("^(@|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$", var.dns_record))
    error_message = "Give one label, or @."
  }
}
