# Spread over three zones, with a standby of the database and backups in a second region. What belongs to you is at the end.
name        = "todo"
environment = "production"
location    = "westeurope"
locked      = true

# Apart from staging's, so that the two networks can be joined.
address_space   = "10.30.0.0/16"
node_prefix     = "10.30.0.0/22"
database_prefix = "10.30.8.0/28"

registry_sku = "Premium"

cluster_tier = "Standard"
system_nodes = { min = 3, max = 4 }
work_nodes   = { min = 3, max = 9 }

database_sku          = "GP_Standard_D2ds_v5"
storage_mb            = 131072
zone_redundant        = true
backup_retention_days = 35
geo_redundant_backup  = true

log_retention_days = 90

# Yours: the subscription, the repository, and the Entra group of those who operate the service.
subscription_id     = "00000000-0000-0000-0000-000000000000"
github_repository   = "example/todo_gql"
operators_object_id = "00000000-0000-0000-0000-000000000000"
operators_name      = "todo-operators"

# `terraform output registry_id` of staging, once that is there: what was tested there is taken over from it.
# source_registry_id = "/subscriptions/.../registries/todostaging..."
