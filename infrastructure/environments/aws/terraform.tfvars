# This environment's settings, at their defaults. Put your own next to it, in a file ending in
# .auto.tfvars, which git ignores and Terraform reads after this one. Write the whole object
# there: a later file replaces it and does not add to it.

# The VPC of the applications, and private subnets of it in two zones or more. Left out, a VPC
# is made.
# existing_network = {
#   vpc_id                   = "vpc-0a1b2c3d4e5f67890"
#   subnet_ids               = ["subnet-0a1b2c3d4e5f67890", "subnet-0f9e8d7c6b5a43210"]
#   client_security_group_id = "sg-0a1b2c3d4e5f67890"    # the applications'; left out, one is made
#   s3_route_table_ids       = ["rtb-0a1b2c3d4e5f67890"] # that are to have a gateway endpoint for S3
# }

# The VPC that is made.
# vpc_cidr  = "10.40.0.0/16"
# zones     = 2
# flow_logs = { enabled = false, retention_days = 30 }

# Such as ["secretsmanager", "ssm"], for applications that have no other way out of the VPC.
# interface_endpoints = []

# small, medium or large: the values below that are said to be the size's.
# size = "small"

# To remove the environment, apply protected = false and then destroy. keep_on_destroy = false
# leaves nothing behind, no snapshot either.
# protected       = true
# keep_on_destroy = true

# Left out, a key is made. The policy of one of your own has to let CloudWatch Logs use it.
# kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# true where a VPN leads from here into the VPC: services are then asked whether they answer.
# reachable = false

# Beside project, environment and instance.
# tags = { team = "portfolio" }

# redis = {
#   enabled                 = true
#   engine                  = "valkey" # or redis
#   engine_version          = "8.0"
#   auth                    = "iam"    # or password, which is then in the state too
#   maxmemory_policy        = "noeviction"
#   snapshot_retention_days = 7
#   node_type               = "cache.t4g.small" # the size's
#   replicas                = 1                 # the size's
# }

# postgres = {
#   enabled               = true
#   user                  = "tracker" # user and database count when the database is made
#   database              = "tracker"
#   application_user      = null      # a role that logs in by IAM; infrastructure/README.md says how to make it
#   engine_version        = "17"      # or with a minor version, such as "17.5", which then stays
#   master_password       = "managed" # RDS changes it every week; or secret, one of ours
#   insights              = "standard"
#   log_exports           = ["postgresql", "upgrade"]
#   backup_window         = "03:00-04:00"
#   maintenance_window    = "sun:04:30-sun:05:30"
#   parameters            = { work_mem = { value = "16384" } } # none
#   instance_class        = "db.t4g.small"                     # the size's, as are the following
#   storage_gb            = 20
#   max_storage_gb        = 100
#   multi_az              = false
#   backup_retention_days = 7
#   monitoring_seconds    = 0
# }

# vectorstore = {
#   enabled                    = true
#   engine                     = "opensearch" # or pgvector: the Postgres above, without anything of its own
#   engine_version             = "2.19"
#   create_service_linked_role = false              # true in an account that never had an OpenSearch domain in a VPC
#   logs                       = ["application"]
#   instance_type              = "t3.medium.search" # the size's, as are the following
#   instance_count             = 2
#   dedicated_masters          = false
#   volume_gb                  = 20
# }

# objectstore = {
#   enabled            = true
#   bucket             = "portfolio-objects" # left out, it is made of project, environment, account and region
#   old_versions_days  = 30
#   stale_uploads_days = 7
# }
