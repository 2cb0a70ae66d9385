# What has to be there before Terraform can keep its state in Azure and run in GitHub: applied once, by a person.

terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }

  # Its own state begins as a file, and is moved into the container that it makes: see docs/operations.md.
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  features {}
}

resource "azurerm_resource_group" "this" {
  name     = "${var.name}-terraform"
  location = var.location
  tags     = var.tags
}

resource "azurerm_storage_account" "state" {
  #checkov:skip=CKV_AZURE_59:GitHub's runners have no fixed addresses; without a key or a signature only Entra opens it.
  #checkov:skip=CKV2_AZURE_33:For the same reason it has no private endpoint.
  #checkov:skip=CKV2_AZURE_1:Encrypted with Azure's keys; a key of one's own would have to be made before any state.
  #checkov:skip=CKV_AZURE_33:The account holds blobs, and no queue that could log.
  name                     = "${replace(var.name, "-", "")}state${substr(sha256(var.subscription_id), 0, 6)}"
  resource_group_name      = azurerm_resource_group.this.name
  location                 = var.location
  account_tier             = "Standard"
  account_replication_type = var.replication

  # The state is a secret: opened by Entra alone, never by a key.
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  local_user_enabled                = false
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  min_tls_version                   = "TLS1_2"

  # Each state can be had back for 30 days, whether it was overwritten or deleted.
  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 30
    }

    container_delete_retention_policy {
      days = 30
    }
  }

  sas_policy {
    expiration_period = "00.01:00:00"
  }

  tags = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  #checkov:skip=CKV2_AZURE_21:Reads of the state are logged by Entra's sign-ins; Log Analytics is made later.
  name                  = "state"
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

# Two identities for the workflow `terraform`: one reads, for pull requests; one changes, behind an approval.

resource "azurerm_user_assigned_identity" "terraform" {
  for_each = local.workflows

  name                = "${var.name}-terraform-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_federated_identity_credential" "terraform" {
  for_each = merge([for key, workflow in local.workflows : { for name, subject in workflow.subjects : "${key}-${name}" => { key = key, subject = subject } }]...)

  name                      = "github-${each.key}"
  user_assigned_identity_id = azurerm_user_assigned_identity.terraform[each.value.key].id
  issuer                    = "https://token.actions.githubusercontent.com"
  subject                   = "repo:${var.github_repository}:${each.value.subject}"
  audience                  = ["api://AzureADTokenExchange"]
}

resource "azurerm_role_assignment" "terraform" {
  for_each = merge([for key, workflow in local.workflows : { for role in workflow.roles : "${key}: ${role}" => { key = key, role = role } }]...)

  scope                = "/subscriptions/${var.subscription_id}"
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.terraform[each.value.key].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "state" {
  for_each = local.workflows

  scope                = azurerm_storage_container.state.id
  role_definition_name = each.value.state_role
  principal_id         = azurerm_user_assigned_identity.terraform[each.key].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "operators_state" {
  scope                = azurerm_storage_container.state.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = var.operators_object_id
  principal_type       = "Group"
}

locals {
  workflows = {
    plan = {
      subjects   = { pull-request = "pull_request" }
      roles      = ["Reader"]
      state_role = "Storage Blob Data Reader"
    }
    apply = {
      subjects   = { staging = "environment:terraform-staging", production = "environment:terraform-production" }
      roles      = ["Contributor", "Role Based Access Control Administrator"]
      state_role = "Storage Blob Data Contributor"
    }
  }
}
