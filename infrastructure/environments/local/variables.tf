variable "redis" {
  description = "Redis: whether it runs, its memory limit in MiB, how much it keeps and what it removes then, and an image in place of the instance file's."
  type = object({
    enabled          = optional(bool, true)
    image            = optional(string)
    memory_mb        = optional(number, 512)
    maxmemory        = optional(string, "256mb")
    maxmemory_policy = optional(string, "noeviction")
  })
  default  = {}
  nullable = false
}

variable "postgres" {
  description = "Postgres: whether it runs, its memory limit and the size of its shared memory in MiB, and an image in place of the instance file's. User, database and the directory of *.sql files count when its volume is first used."
  type = object({
    enabled            = optional(bool, true)
    image              = optional(string)
    memory_mb          = optional(number, 512)
    shm_mb             = optional(number)
    user               = optional(string, "tracker")
    database           = optional(string, "tracker")
    init_sql_directory = optional(string)
  })
  default  = {}
  nullable = false
}

variable "vectorstore" {
  description = "The vector store: whether it runs, which engine (weaviate, qdrant, milvus, or pgvector for the environment's own Postgres), its memory limit in MiB unless the engine's default will do, and an image in place of the instance file's."
  type = object({
    enabled   = optional(bool, true)
    engine    = optional(string, "weaviate")
    image     = optional(string)
    memory_mb = optional(number)
  })
  default  = {}
  nullable = false
}

variable "objectstore" {
  description = "S3-compatible storage: whether it runs, its memory limit in MiB, the application's bucket and region, and an image in place of the instance file's."
  type = object({
    enabled   = optional(bool, true)
    image     = optional(string)
    memory_mb = optional(number, 512)
    bucket    = optional(string, "tracker")
    region    = optional(string, "us-east-1")
  })
  default  = {}
  nullable = false
}

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

variable "network" {
  description = "Puts the containers into a Docker network of their own, where they are called redis, postgres, vectorstore and objectstore. For an application that runs in a container too."
  type        = bool
  default     = false
  nullable    = false
}

variable "instance_directory" {
  description = "Directory of the instance files, relative to this one. Only the tests change it."
  type        = string
  default     = ".instances"
  nullable    = false
}
