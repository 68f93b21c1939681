variable "name" {
  description = "Stands before every name: PROJECT-ENVIRONMENT or PROJECT-ENVIRONMENT-INSTANCE."
  type        = string
  nullable    = false
}

variable "namespace" {
  description = "Stands before the name of each label, such as \"io.tracker\"."
  type        = string
  nullable    = false
}

variable "labels" {
  description = "Labels that say whose it is; the service's is added."
  type        = map(string)
  nullable    = false
}

variable "images" {
  description = "Image reference and engine version of every engine, by the engine's name; a service's own `image` goes before it. `defaults` says which defaults its container was made with: 1 for instances from before there was this number, 2 since."
  type = map(object({
    reference = string
    version   = string
    defaults  = optional(number, 1)
  }))
  nullable = false

  validation {
    condition     = length(setsubtract(["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"], keys(var.images))) == 0
    error_message = "images lacks ${join(", ", setsubtract(["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"], keys(var.images)))}: give each engine's image."
  }
}

variable "credentials" {
  description = "Passwords and keys of the services."
  type = object({
    redis_password         = string
    postgres_password      = string
    vectorstore_api_key    = string
    objectstore_access_key = string
    objectstore_secret_key = string
  })
  nullable  = false
  sensitive = true
}

variable "ports" {
  description = "Ports on 127.0.0.1; null is the service's usual one."
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
}

variable "network" {
  description = "Whether the containers have a Docker network of their own."
  type        = bool
  default     = false
  nullable    = false
}

# What is left out of the objects below is the default of the module's variable of the same name.

variable "redis" {
  description = "Redis: whether it runs, and the variables of modules/redis."
  type = object({
    enabled          = optional(bool, true)
    image            = optional(string)
    memory_mb        = optional(number)
    maxmemory        = optional(string)
    maxmemory_policy = optional(string)
  })
  default  = {}
  nullable = false
}

variable "postgres" {
  description = "Postgres: whether it runs, and the variables of modules/postgres."
  type = object({
    enabled            = optional(bool, true)
    image              = optional(string)
    memory_mb          = optional(number)
    shm_mb             = optional(number)
    user               = optional(string)
    database           = optional(string)
    init_sql_directory = optional(string)
  })
  default  = {}
  nullable = false
}

variable "vectorstore" {
  description = "The vector store: whether it runs, and the variables of modules/vectorstore."
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
  description = "S3-compatible storage: whether it runs, and the variables of modules/minio."
  type = object({
    enabled   = optional(bool, true)
    image     = optional(string)
    memory_mb = optional(number)
    bucket    = optional(string)
    region    = optional(string)
  })
  default  = {}
  nullable = false
}
