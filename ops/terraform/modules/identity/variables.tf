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

variable "environment" {
  type        = string
  description = "The environment: its name in tags, in GitHub and in `ops/k8s/overlays`."

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Choose staging or production."
  }
}

variable "service_account" {
  type        = string
  description = "The service account of the pods: `namespace:name`."
  default     = "todo:todo-service"

  validation {
    condition     = can(regex("^[a-z0-9-]+:[a-z0-9-]+$", var.service_account))
    error_message = "Give namespace:name."
  }
}

variable "oidc_issuer_url" {
  type        = string
  description = "Who signs the tokens of service accounts in the cluster."

  validation {
    condition     = startswith(var.oidc_issuer_url, "https://")
    error_message = "An issuer has an https address."
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

variable "cluster_id" {
  type        = string
  description = "The cluster that GitHub deploys to."

  validation {
    condition     = can(regex("(?i)/managedClusters/[^/]+$", var.cluster_id))
    error_message = "Give the id of a cluster."
  }
}

variable "registry_id" {
  type        = string
  description = "The registry that GitHub pushes to."

  validation {
    condition     = can(regex("(?i)/registries/[^/]+$", var.registry_id))
    error_message = "Give the id of a container registry."
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
