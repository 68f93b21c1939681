variable "environment" {
  description = "Where everything is: local, in Docker containers on this machine, or aws. All of it or nothing; fixed by the first apply."
  type        = string
  default     = "local"
  nullable    = false

  validation {
    condition     = contains(["local", "aws"], var.environment)
    error_message = "environment is \"${var.environment}\": write local or aws."
  }
}

# What both sides have. What only one of them has is set in environments/local or environments/aws.

variable "redis" {
  description = "Redis: whether there is one, and what is removed when its memory is full."
  type = object({
    enabled          = optional(bool, true)
    maxmemory_policy = optional(string)
  })
  default  = {}
  nullable = false
}

variable "postgres" {
  description = "Postgres: whether there is one, its owner and its database, which are fixed when it is made."
  type = object({
    enabled  = optional(bool, true)
    user     = optional(string)
    database = optional(string)
  })
  default  = {}
  nullable = false
}

variable "vectorstore" {
  description = "The vector store: whether there is one, and which engine. pgvector, the Postgres above, is the one of both sides; weaviate, qdrant and milvus are local, opensearch is AWS'."
  type = object({
    enabled = optional(bool, true)
    engine  = optional(string, "pgvector")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(var.environment == "aws" ? ["pgvector", "opensearch"] : ["pgvector", "weaviate", "qdrant", "milvus"], var.vectorstore.engine)
    error_message = "vectorstore.engine is \"${var.vectorstore.engine}\" and environment is \"${var.environment}\": write ${var.environment == "aws" ? "pgvector or opensearch" : "pgvector, weaviate, qdrant or milvus"}."
  }
}

variable "objectstore" {
  description = "S3 storage: whether there is one, and a name for the bucket."
  type = object({
    enabled = optional(bool, true)
    bucket  = optional(string)
  })
  default  = {}
  nullable = false
}

# Of the local side.

variable "ports" {
  description = "Ports on 127.0.0.1 for the default instance; what is left out is the service's usual one. A named instance has its own in its instance file."
  type = object({
    redis               = optional(number)
    postgres            = optional(number)
    vectorstore_http    = optional(number)
    vectorstore_grpc    = optional(number)
    objectstore_api     = optional(number)
    objectstore_console = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for port in values(var.ports) : port == null ? true : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "ports holds ${join(", ", [for name, port in var.ports : "${name} = ${port}" if port == null ? false : port < 1 || port > 65535 || floor(port) != port])}: write whole numbers from 1 to 65535."
  }
}

# Of AWS' side.

variable "size" {
  description = "How big the services are: small, medium or large."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "size is \"${var.size}\": write small, medium or large."
  }
}

variable "protected" {
  description = "Whether AWS refuses to delete what holds data. To remove the environment, first apply `false`."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_on_destroy" {
  description = "Whether a destroy leaves snapshots, backups, secrets and the key, and refuses while the bucket holds objects."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.keep_on_destroy || !var.protected
    error_message = "keep_on_destroy is false where protected is true: write protected = false too if the data is worth nothing."
  }
}

variable "existing_network" {
  description = "A VPC that is there already, and two or more private subnets of it in different zones. Left out, a VPC is made."
  type = object({
    vpc_id                   = string
    subnet_ids               = set(string)
    client_security_group_id = optional(string)
    s3_route_table_ids       = optional(set(string), [])
  })
  default = null
}

variable "instance_directory" {
  description = "Directory of the instance files, relative to this one. The tests and emulated instances have others."
  type        = string
  default     = ".instances"
  nullable    = false
}
