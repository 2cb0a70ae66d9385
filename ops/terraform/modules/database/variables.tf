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

variable "network_id" {
  type        = string
  description = "The virtual network that resolves the name of the server."

  validation {
    condition     = can(regex("(?i)/virtualNetworks/[^/]+$", var.network_id))
    error_message = "Give the id of a virtual network."
  }
}

variable "subnet_id" {
  type        = string
  description = "The subnet that is delegated to the database."

  validation {
    condition     = can(regex("(?i)/virtualNetworks/[^/]+/subnets/[^/]+$", var.subnet_id))
    error_message = "Give the id of a subnet."
  }
}

variable "postgresql_version" {
  type        = string
  description = "The major version of PostgreSQL."
  default     = "17"

  validation {
    condition     = contains(["16", "17", "18"], var.postgresql_version)
    error_message = "Choose 16, 17 or 18."
  }
}

variable "database_sku" {
  type        = string
  description = "Size of the server: tier and machine, as `az postgres flexible-server list-skus` names them."
  default     = "B_Standard_B2s"

  validation {
    condition     = can(regex("^(B|GP|MO)_Standard_[A-Za-z0-9_]+$", var.database_sku))
    error_message = "Give a size such as B_Standard_B2s or GP_Standard_D2ds_v5."
  }
}

variable "storage_mb" {
  type        = number
  description = "Size of the storage; it can grow, never shrink."
  default     = 32768

  validation {
    condition     = contains([32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4193280, 4194304, 8388608, 16777216, 33553408], var.storage_mb)
    error_message = "Choose a size that Azure has: 32768, 65536, 131072 and so on."
  }
}

variable "zone_redundant" {
  type        = bool
  description = "Keep a standby in another zone; takes a GP or MO size and doubles the price."
  default     = false

  validation {
    condition     = !var.zone_redundant || !startswith(var.database_sku, "B_")
    error_message = "A burstable size (B_) cannot have a standby."
  }
}

variable "zone" {
  type        = string
  description = "The zone of the server; null where the region has none."
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^[123]$", var.zone))
    error_message = "Zones are called 1, 2 and 3."
  }
}

variable "backup_retention_days" {
  type        = number
  description = "For how many days the database can be restored to any moment."
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "Azure keeps 7 to 35 days."
  }
}

variable "geo_redundant_backup" {
  type        = bool
  description = "Keep the backups in the paired region too; can only be chosen when the server is made."
  default     = false
  nullable    = false
}

variable "extensions" {
  type        = set(string)
  description = "Extensions that roles may create. The service asks for these two, and searches without an index where it has none."
  default     = ["BTREE_GIN", "PG_TRGM"]

  validation {
    condition     = alltrue([for extension in var.extensions : can(regex("^[A-Z0-9_]+$", extension))])
    error_message = "Azure writes names of extensions in upper case."
  }
}

variable "pgbouncer" {
  type        = bool
  description = "Run the PgBouncer that Azure builds in, on port 6432."
  default     = false

  validation {
    condition     = !var.pgbouncer || !startswith(var.database_sku, "B_")
    error_message = "A burstable size (B_) has no PgBouncer."
  }
}

variable "tenant_id" {
  type        = string
  description = "The Entra tenant."

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.tenant_id))
    error_message = "Give an object id: 8-4-4-4-12 hexadecimal digits."
  }
}

variable "operators_object_id" {
  type        = string
  description = "The Entra group of those who operate the service."

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.operators_object_id))
    error_message = "Give an object id: 8-4-4-4-12 hexadecimal digits."
  }
}

variable "operators_name" {
  type        = string
  description = "The name of that group, which is its role in PostgreSQL."

  validation {
    condition     = length(var.operators_name) > 0 && length(var.operators_name) <= 63
    error_message = "PostgreSQL allows 63 characters."
  }
}

variable "service_object_id" {
  type        = string
  description = "The service's identity."

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.service_object_id))
    error_message = "Give an object id: 8-4-4-4-12 hexadecimal digits."
  }
}

variable "service_name" {
  type        = string
  description = "The name of that identity, which is its role in PostgreSQL."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,62}$", var.service_name))
    error_message = "PostgreSQL allows 63 characters; the address of the database takes letters, digits and dashes as they are."
  }
}

variable "log_analytics_workspace_id" {
  type        = string
  description = "Where logs and metrics of the platform go."

  validation {
    condition     = can(regex("(?i)/providers/Microsoft.OperationalInsights/workspaces/", var.log_analytics_workspace_id))
    error_message = "Give the id of a Log Analytics workspace."
  }
}

variable "database_suffix" {
  type        = string
  description = "The end of the server's name; another one for a server that was restored beside the first."
  default     = "database"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,19}$", var.database_suffix))
    error_message = "Use 2 to 20 lower-case letters and digits, beginning with a letter."
  }
}
