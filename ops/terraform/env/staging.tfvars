# Small and cheap: one zone is enough, and nothing stands by. What belongs to you is at the end.
name        = "todo"
environment = "staging"
location    = "westeurope"

registry_sku = "Standard"

cluster_tier = "Free"
system_nodes = { min = 1, max = 2 }
work_nodes   = { min = 1, max = 3 }

database_sku          = "B_Standard_B2s"
storage_mb            = 32768
backup_retention_days = 7

# Yours: the subscription, the repository, and the Entra group of those who operate the service.
subscription_id     = "00000000-0000-0000-0000-000000000000"
github_repository   = "example/todo_gql"
operators_object_id = "00000000-0000-0000-0000-000000000000"
operators_name      = "todo-operators"
