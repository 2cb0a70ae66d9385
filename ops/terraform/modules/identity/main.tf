# Who may do what: the service's identity and GitHub's. None of them has a password.

# The service: what its pods are in Azure.

resource "azurerm_user_assigned_identity" "service" {
  name                = "${var.name}-service"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_federated_identity_credential" "service" {
  name                      = "kubernetes"
  user_assigned_identity_id = azurerm_user_assigned_identity.service.id
  issuer                    = var.oidc_issuer_url
  subject                   = "system:serviceaccount:${var.service_account}"
  audience                  = ["api://AzureADTokenExchange"]
}

# GitHub: what the workflows image and deploy are. Those of Terraform are made by bootstrap.

resource "azurerm_user_assigned_identity" "deploy" {
  name                = "${var.name}-deploy"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_federated_identity_credential" "deploy" {
  name                      = "github"
  user_assigned_identity_id = azurerm_user_assigned_identity.deploy.id
  issuer                    = "https://token.actions.githubusercontent.com"
  # A job has this subject once GitHub has let it into the environment, behind its approval.
  subject  = "repo:${var.github_repository}:environment:${var.environment}"
  audience = ["api://AzureADTokenExchange"]
}

resource "azurerm_role_assignment" "deploy" {
  for_each = {
    "AcrPush"                                    = var.registry_id
    "Azure Kubernetes Service Cluster User Role" = var.cluster_id
    # Cluster Admin of one namespace: no smaller role may write the kinds that Traefik and the vault's driver add.
    "Azure Kubernetes Service RBAC Cluster Admin" = "${var.cluster_id}/namespaces/${split(":", var.service_account)[0]}"
  }

  scope                = each.value
  role_definition_name = each.key
  principal_id         = azurerm_user_assigned_identity.deploy.principal_id
  principal_type       = "ServicePrincipal"
}

# Staging's image goes to production as it is, with its signature.
resource "azurerm_role_assignment" "deploy_takes_over" {
  count = var.source_registry_id == null ? 0 : 1

  scope                = var.source_registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.deploy.principal_id
  principal_type       = "ServicePrincipal"
}
