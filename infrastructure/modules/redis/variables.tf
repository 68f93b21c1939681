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
  default     = 6379
  nullable    = false
}

variable "password" {
  description = "Password of the user `default`."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9_.~-]{16,}$", var.password))
    error_message = "The Redis password must be 16 or more of the characters A-Z a-z 0-9 _ . ~ -: write another in the instance file."
  }
}

variable "memory_mb" {
  description = "Memory limit of the container in MiB."
  type        = number
  default     = 512
  nullable    = false
}

variable "maxmemory" {
  description = "How much Redis keeps before maxmemory_policy applies, as in redis.conf: \"256mb\", \"1gb\"."
  type        = string
  default     = "256mb"
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]*(b|k|kb|m|mb|g|gb)?$", var.maxmemory))
    error_message = "redis.maxmemory is \"${var.maxmemory}\": write a number and a unit, such as \"256mb\" or \"1gb\"."
  }

  # An append-only file is rewritten by a fork, which needs room for the pages written meanwhile.
  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.maxmemory)) * local.units[regex("[a-z]*$", var.maxmemory)] <= var.memory_mb * 1048576 * 0.75,
      true,
    )
    error_message = "redis.maxmemory is ${var.maxmemory} in a container of ${var.memory_mb} MiB: write at most three quarters of it, or raise redis.memory_mb."
  }
}

variable "maxmemory_policy" {
  description = "What Redis removes when maxmemory is reached; noeviction refuses writes instead."
  type        = string
  default     = "noeviction"
  nullable    = false

  validation {
    condition = contains([
      "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
      "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    ], var.maxmemory_policy)
    error_message = "redis.maxmemory_policy is \"${var.maxmemory_policy}\": write noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, volatile-random or volatile-ttl."
  }
}

variable "network" {
  description = "Docker network in which the container is called `redis`. Null for none."
  type        = string
  default     = null
}

variable "start_after" {
  description = "Ids of containers that are started before this one."
  type        = list(string)
  default     = []
  nullable    = false
}
