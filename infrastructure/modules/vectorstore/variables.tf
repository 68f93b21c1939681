variable "name" {
  description = "Name of the container."
  type        = string
  nullable    = false
}

variable "engine" {
  description = "Which vector store: weaviate, qdrant, milvus, or pgvector for the environment's own Postgres."
  type        = string
  default     = "weaviate"
  nullable    = false

  validation {
    condition     = contains(["weaviate", "qdrant", "milvus", "pgvector"], var.engine)
    error_message = "vectorstore.engine is \"${var.engine}\": write weaviate, qdrant, milvus or pgvector."
  }
}

variable "images" {
  description = "Image reference and engine version of every engine, by the engine's name. `defaults`: see modules/docker."
  type = map(object({
    reference = string
    version   = string
    defaults  = optional(number, 1)
  }))
  nullable = false
}

variable "labels" {
  description = "Labels that say whose the container is; the service's own is added."
  type        = map(string)
  nullable    = false
}

variable "volumes" {
  description = "Name of each engine's volume, by the engine's name: two engines never share one."
  type        = map(string)
  nullable    = false
}

variable "host_ports" {
  description = "Ports on 127.0.0.1; null is the engine's usual one. Milvus answers gRPC on `http` too."
  type = object({
    http = optional(number)
    grpc = optional(number)
  })
  default  = {}
  nullable = false
}

variable "api_key" {
  description = "API key of Weaviate and Qdrant; the password of Milvus' user `root`. At most 72 characters, since Milvus hashes no more."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]{16,72}$", var.api_key))
    error_message = "The vector store's API key must be 16 to 72 letters and digits: write another in the instance file."
  }
}

variable "memory_mb" {
  description = "Memory limit of the container in MiB. Null is the engine's default."
  type        = number
  default     = null
}

variable "postgres" {
  description = "The environment's Postgres, which pgvector needs: its service contract. Null when there is none."
  type = object({
    version = string
    host    = string
    port    = number
    tls     = bool
    image   = string
    probe   = object({ protocol = string, port = number, path = string, login = optional(object({ url = string })) })
  })
  default = null

  validation {
    condition     = var.engine != "pgvector" || var.postgres != null
    error_message = "vectorstore.engine is \"pgvector\", which is the environment's own Postgres, and postgres.enabled is false: enable postgres, or write weaviate, qdrant or milvus."
  }
}

variable "postgres_url" {
  description = "DATABASE_URL of that Postgres."
  type        = string
  default     = null
  sensitive   = true
}

variable "network" {
  description = "Docker network in which the container is called `vectorstore`. Null for none."
  type        = string
  default     = null
}
