variable "instance" {
  description = "Whose it all is: modules/instance, as it stands. Of `images`, `defaults` says which defaults a container was made with: 1 for instances from before there was this number, 2 until the health was checked less often, 3 since."
  type = object({
    problem   = string
    file      = string
    command   = string
    name      = string
    namespace = string
    labels    = map(string)

    images = map(object({
      reference = string
      version   = string
      defaults  = optional(number, 1)
    }))

    credentials = object({
      redis       = optional(object({ password = optional(string) }), {})
      postgres    = optional(object({ password = optional(string) }), {})
      vectorstore = optional(object({ api_key = optional(string) }), {})
      objectstore = optional(object({ access_key = optional(string), secret_key = optional(string) }), {})
    })

    # Null is the service's usual one.
    ports = object({
      redis               = optional(number)
      postgres            = optional(number)
      vectorstore_http    = optional(number)
      vectorstore_grpc    = optional(number)
      objectstore_api     = optional(number)
      objectstore_console = optional(number)
    })
  })
  nullable = false
}

variable "network" {
  description = "Whether the containers have a Docker network of their own."
  type        = bool
  default     = false
  nullable    = false
}

# A service that is left out is none of this environment's, and has no volume. What is left out of its object is the default of the module's variable of the same name.

variable "redis" {
  description = "Redis: whether it runs, and the variables of modules/redis."
  type = object({
    enabled          = optional(bool, true)
    image            = optional(string)
    memory_mb        = optional(number)
    maxmemory        = optional(string)
    maxmemory_policy = optional(string)
  })
  default = null
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
  default = null
}

variable "vectorstore" {
  description = "The vector store: whether it runs, and the variables of modules/vectorstore."
  type = object({
    enabled   = optional(bool, true)
    engine    = optional(string, "weaviate")
    image     = optional(string)
    memory_mb = optional(number)
  })
  default = null
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
  default = null
}
