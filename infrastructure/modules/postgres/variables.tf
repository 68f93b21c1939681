variable "name" {
  description = "Name of the container."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Image reference and the version of the engine in it. `defaults`: see modules/docker."
  type = object({
    reference = string
    version   = string
    defaults  = optional(number, 1)
  })
  nullable = false
}

variable "labels" {
  description = "Labels that say whose the container is; the service's own is added."
  type        = map(string)
  nullable    = false
}

variable "volume" {
  description = "Name of the volume that holds the data."
  type        = string
  nullable    = false
}

variable "host_port" {
  description = "Port on 127.0.0.1."
  type        = number
  default     = 5432
  nullable    = false
}

variable "user" {
  description = "Owner of the database. Fixed when the volume is first used."
  type        = string
  default     = "tracker"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.user)) && !startswith(var.user, "pg_")
    error_message = "postgres.user is \"${var.user}\": write at most 63 lower-case letters, digits and underscores, not beginning with a digit or \"pg_\"."
  }
}

variable "database" {
  description = "The application's database. Fixed when the volume is first used."
  type        = string
  default     = "tracker"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.database))
    error_message = "postgres.database is \"${var.database}\": write at most 63 lower-case letters, digits and underscores, not beginning with a digit."
  }
}

variable "password" {
  description = "Password of the owner. Fixed when the volume is first used."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = length(var.password) >= 16 && can(regex("^[!-~]+$", var.password))
    error_message = "The Postgres password must be 16 or more printable ASCII characters without spaces: write another in the instance file."
  }
}

variable "memory_mb" {
  description = "Memory limit of the container in MiB."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.memory_mb >= 256
    error_message = "postgres.memory_mb is ${var.memory_mb}: write 256 or more, since the server shares 128 MiB from the start."
  }
}

variable "shm_mb" {
  description = "Size of /dev/shm in MiB, where parallel queries and index builds share memory: a parallel build of an HNSW index takes maintenance_work_mem of it. The memory in use counts against memory_mb. Null means as large as memory_mb."
  type        = number
  default     = null

  validation {
    condition     = var.shm_mb == null ? true : var.shm_mb >= 64 && floor(var.shm_mb) == var.shm_mb
    error_message = "postgres.shm_mb is ${coalesce(var.shm_mb, 0)}: write a whole number of MiB, 64 or more."
  }
}

variable "init_sql_directory" {
  description = "Directory of *.sql files to run, in the order of their names, when the volume is first used. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.init_sql_directory == null || try(length(fileset(var.init_sql_directory, "*.sql")) > 0, false)
    error_message = "postgres.init_sql_directory is \"${coalesce(var.init_sql_directory, "null")}\", where no *.sql file is: write the path of a directory that has some, absolute or relative to the environment's directory."
  }
}

variable "network" {
  description = "Docker network in which the container is called `postgres`. Null for none."
  type        = string
  default     = null
}

variable "start_after" {
  description = "Ids of containers that are started before this one."
  type        = list(string)
  default     = []
  nullable    = false
}
