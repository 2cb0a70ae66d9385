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

variable "resource_group_id" {
  type        = string
  description = "The id of that group, in which the cluster finds Traefik's address."

  validation {
    condition     = can(regex("(?i)/resourceGroups/[^/]+$", var.resource_group_id))
    error_message = "Give the id of a resource group."
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

variable "subnet_id" {
  type        = string
  description = "The subnet of the nodes."

  validation {
    condition     = can(regex("(?i)/virtualNetworks/[^/]+/subnets/[^/]+$", var.subnet_id))
    error_message = "Give the id of a subnet."
  }
}

variable "registry_id" {
  type        = string
  description = "The registry that the nodes pull from."

  validation {
    condition     = can(regex("(?i)/registries/[^/]+$", var.registry_id))
    error_message = "Give the id of a container registry."
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

variable "log_analytics_workspace_id" {
  type        = string
  description = "Where logs and metrics of the platform go."

  validation {
    condition     = can(regex("(?i)/providers/Microsoft.OperationalInsights/workspaces/", var.log_analytics_workspace_id))
    error_message = "Give the id of a Log Analytics workspace."
  }
}
