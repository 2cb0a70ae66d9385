variable "subscription_id" {
  type        = string
  description = "The Azure subscription."

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.subscription_id))
    error_message = "Give an object id: 8-4-4-4-12 hexadecimal digits."
  }
}

variable "name" {
  type        = string
  description = "What the names of all resources begin with."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,7}$", var.name))
    error_message = "Use 3 to 8 lower-case letters and digits, beginning with a letter."
  }
}

variable "environment" {
  type        = string
  description = "The environment: its name in tags, in GitHub and in `ops/k8s/overlays`."

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Choose staging or production."
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

variable "locked" {
  type        = bool
  description = "Keep everything from being deleted until the lock is taken off."
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "For how many days Log Analytics keeps what it is sent."
  default     = 30

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730
    error_message = "Azure keeps 30 to 730 days."
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

variable "registry_sku" {
  type        = string
  description = "Basic, Standard or Premium; only Premium has zones, retention and scanning before use."
  default     = "Standard"

  validation {
    condition     = contains(["Basic", "Standard", "Premium"], var.registry_sku)
    error_message = "Choose Basic, Standard or Premium."
  }
}

variable "kubernetes_version" {
  type        = string
  description = "The minor version of Kubernetes; patches come by themselves."
  default     = "1.36"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "Give a minor version such as 1.36."
  }
}

variable "cluster_tier" {
  type        = string
  description = "Free has no promised availability of the control plane; Standard and Premium have."
  default     = "Standard"

  validation {
    condition     = contains(["Free", "Standard", "Premium"], var.cluster_tier)
    error_message = "Choose Free, Standard or Premium."
  }
}

variable "system_vm_size" {
  type        = string
  description = "Size of the nodes for Kubernetes itself."
  default     = "Standard_D2ds_v5"

  validation {
    condition     = startswith(var.system_vm_size, "Standard_")
    error_message = "Give a size such as Standard_D2ds_v5."
  }
}

variable "system_nodes" {
  type        = object({ min = number, max = number })
  description = "How few and how many nodes for Kubernetes itself."
  default     = { min = 2, max = 3 }

  validation {
    condition     = var.system_nodes.min >= 1 && var.system_nodes.max >= var.system_nodes.min && var.system_nodes.max <= 10
    error_message = "Give 1 <= min <= max <= 10."
  }
}

variable "work_vm_size" {
  type        = string
  description = "Size of the nodes for the service."
  default     = "Standard_D2ds_v5"

  validation {
    condition     = startswith(var.work_vm_size, "Standard_")
    error_message = "Give a size such as Standard_D2ds_v5."
  }
}

variable "work_nodes" {
  type        = object({ min = number, max = number })
  description = "How few and how many nodes for the service."
  default     = { min = 2, max = 6 }

  validation {
    condition     = var.work_nodes.min >= 1 && var.work_nodes.max >= var.work_nodes.min && var.work_nodes.max <= 100
    error_message = "Give 1 <= min <= max <= 100."
  }
}

variable "private_cluster" {
  type        = bool
  description = "Give the Kubernetes API no public address; GitHub then needs runners inside the network."
  default     = false

  validation {
    condition     = !var.private_cluster || length(var.api_server_ranges) == 0
    error_message = "A private cluster has no public ranges to admit."
  }
}

variable "api_server_ranges" {
  type        = set(string)
  description = "Addresses that may reach the Kubernetes API; empty for all, who still need Entra."
  default     = []

  validation {
    condition     = alltrue([for range in var.api_server_ranges : can(cidrhost(range, 0))])
    error_message = "Give ranges such as 203.0.113.0/24."
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

variable "github_repository" {
  type        = string
  description = "The repository whose workflows deploy: `owner/name`."

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Give owner/name."
  }
}

variable "source_registry_id" {
  type        = string
  description = "The registry of another environment, from which GitHub takes over what was tested there; null for none."
  default     = null

  validation {
    condition     = var.source_registry_id == null || can(regex("(?i)/registries/[^/]+$", var.source_registry_id))
    error_message = "Give the id of a container registry."
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
