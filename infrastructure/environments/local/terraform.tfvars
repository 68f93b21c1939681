# This environment's settings, all at their defaults. Put your own next to it, in a file ending
# in .auto.tfvars, which git ignores and Terraform reads after this one. Write the whole
# object there: a later file replaces it and does not add to it.

# redis = {
#   enabled          = true
#   memory_mb        = 512
#   maxmemory        = "256mb" # at most three quarters of memory_mb
#   maxmemory_policy = "noeviction"
# }

# postgres = {
#   enabled            = true
#   memory_mb          = 512
#   shm_mb             = 512       # what parallel queries and index builds share; as large as memory_mb unless set
#   user               = "tracker" # user, database and the SQL files count when the volume is first used
#   database           = "tracker"
#   init_sql_directory = "../../sql"
# }

# vectorstore = {
#   enabled = true
#   engine  = "weaviate" # or qdrant, milvus, or pgvector: the Postgres above, without a container of its own
# }

# objectstore = {
#   enabled   = true
#   memory_mb = 512
#   bucket    = "tracker"
#   region    = "us-east-1"
# }

# Only those that should differ from the service's usual port.
# ports = {
#   postgres = 5433
# }

# true for an application that runs in a container too: it joins the network
# tracker-local and connects to redis:6379, postgres:5432 and so on.
# network = false
