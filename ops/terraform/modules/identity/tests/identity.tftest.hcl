mock_provider "azurerm" {}

variables {
  name                = "todo-test"
  location            = "westeurope"
  resource_group_name = "todo-test"
  environment         = "staging"
  oidc_issuer_url     = "https://issuer.example.com/"
  github_repository   = "example/todo_gql"
  cluster_id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.ContainerService/managedClusters/todo-test"
  registry_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.ContainerRegistry/registries/todotest"
}

run "the_service_account_is_trusted" {
  command = plan

  assert {
    condition     = azurerm_federated_identity_credential.service.subject == "system:serviceaccount:todo:todo-service" && azurerm_federated_identity_credential.service.issuer == "https://issuer.example.com/"
    error_message = "The subject has to be the service account of ops/k8s/base."
  }
}

run "github_deploys_from_its_environment_alone" {
  command = plan

  assert {
    condition     = azurerm_federated_identity_credential.deploy.subject == "repo:example/todo_gql:environment:staging"
    error_message = "A workflow without the environment's approval must not be trusted."
  }

  assert {
    condition     = azurerm_role_assignment.deploy["Azure Kubernetes Service RBAC Cluster Admin"].scope == "${var.cluster_id}/namespaces/todo"
    error_message = "GitHub rules one namespace."
  }
}

run "production_takes_over_what_staging_tested" {
  command = plan

  variables {
    source_registry_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/todo-test/providers/Microsoft.ContainerRegistry/registries/todostaging"
  }

  assert {
    condition     = azurerm_role_assignment.deploy_takes_over[0].role_definition_name == "AcrPull" && endswith(azurerm_role_assignment.deploy_takes_over[0].scope, "/todostaging")
    error_message = "It pulls from staging's registry, and no more."
  }
}

run "an_environment_without_an_overlay_is_refused" {
  command = plan

  variables {
    environment = "test"
  }

  expect_failures = [var.environment]
}
