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

variable "github_repository" {
  type        = string
  description = "The repository whose workflows deploy: `owner/name`."

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Give owner/name."
  }
}

variable "replication" {
  type        = string
  description = "How copies of the state are kept: LRS, ZRS, GRS, GZRS."
  default     = "GZRS"

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication)
    error_message = "Choose LRS, ZRS, GRS or GZRS."
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
