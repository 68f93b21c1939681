variable "name" {
  description = "First part of every name, PROJECT-ENVIRONMENT or PROJECT-ENVIRONMENT-INSTANCE. One too long for AWS is cut, and a hash of the whole keeps it apart from others."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name is \"${var.name}\": write lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "network" {
  description = "The VPC, the private subnets for the nodes, and the security group that applications join to be let in."
  type = object({
    vpc_id                   = string
    subnet_ids               = list(string)
    client_security_group_id = string
  })
  nullable = false

  validation {
    condition     = length(var.network.subnet_ids) >= 1
    error_message = "network.subnet_ids is empty: write the private subnets for the cache, two or more in different availability zones."
  }
}

variable "kms_key_arn" {
  description = "Key for the data at rest and for the secret. Null for the key that AWS manages for ElastiCache and for Secrets Manager. Fixed when the cache is made."
  type        = string
  default     = null
}

variable "protected" {
  description = "Takes a final snapshot before the cache is removed, keeps snapshots for a week and a removed secret for 30 days, and leaves changes to the maintenance window."
  type        = bool
  default     = true
  nullable    = false
}

variable "size" {
  description = "small, medium or large: decides node_type and replicas where they say nothing."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "size is \"${var.size}\": write small, medium or large."
  }
}

variable "node_type" {
  description = "Node type, such as \"cache.t4g.small\". Null lets the size decide."
  type        = string
  default     = null

  validation {
    condition     = var.node_type == null || can(regex("^cache\\.[a-z0-9-]+\\.[a-z0-9]+$", var.node_type))
    error_message = "redis.node_type is \"${coalesce(var.node_type, "null")}\": write a node type of ElastiCache, such as \"cache.t4g.small\"."
  }
}

variable "replicas" {
  description = "Copies beside the primary, in other availability zones; with one or more of them a failed primary is replaced automatically. Null lets the size decide."
  type        = number
  default     = null

  validation {
    condition     = var.replicas == null || try(contains([0, 1, 2, 3, 4, 5], var.replicas), false)
    error_message = "redis.replicas is ${coalesce(var.replicas, 0)}: write a whole number from 0 to 5."
  }

  validation {
    condition     = coalesce(var.replicas, local.size.replicas) == 0 || length(distinct(var.network.subnet_ids)) >= 2
    error_message = "redis.replicas is ${coalesce(var.replicas, local.size.replicas)} and network.subnet_ids has one subnet: write a second subnet in another availability zone, or replicas = 0."
  }
}

variable "engine" {
  description = "valkey, or redis: the last version under its old licence, a fifth more expensive."
  type        = string
  default     = "valkey"
  nullable    = false

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "redis.engine is \"${var.engine}\": write valkey or redis."
  }
}

variable "engine_version" {
  description = "Version of the engine, as MAJOR.MINOR. Null for 8.0 of Valkey and 7.1 of Redis. AWS cannot go back to an older one."
  type        = string
  default     = null

  # IAM users came with Redis 7.0 and Valkey 7.2: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
  validation {
    condition = var.engine_version == null || (
      can(regex("^[0-9]+\\.[0-9]+$", var.engine_version)) &&
      try(tonumber(var.engine_version) >= (var.engine == "valkey" ? 7.2 : 7.0), false)
    )
    error_message = "redis.engine_version is \"${coalesce(var.engine_version, "null")}\": write MAJOR.MINOR, for Valkey 7.2 or later such as \"8.0\", for Redis 7.0 or 7.1."
  }
}

variable "maxmemory_policy" {
  description = "What is removed when memory is full; noeviction refuses writes instead. Null for AWS's own parameter group, which is volatile-lru."
  type        = string
  default     = "noeviction"

  validation {
    condition = var.maxmemory_policy == null || contains([
      "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
      "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    ], coalesce(var.maxmemory_policy, "null"))
    error_message = "redis.maxmemory_policy is \"${coalesce(var.maxmemory_policy, "null")}\": write noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, volatile-random or volatile-ttl."
  }
}

variable "auth" {
  description = "How an application logs in. iam: as a user of its own, with a token of 15 minutes that it makes from its AWS role. password: with a password from Secrets Manager, which is in Terraform's state too."
  type        = string
  default     = "iam"
  nullable    = false

  validation {
    condition     = contains(["iam", "password"], var.auth)
    error_message = "redis.auth is \"${var.auth}\": write iam or password."
  }
}

variable "access_string" {
  description = "What the application's user may do with auth = \"iam\", as Redis writes its access control lists."
  type        = string
  default     = "on ~* +@all -@admin -@dangerous +info"
  nullable    = false

  validation {
    condition     = can(regex("^(on|off) ", var.access_string))
    error_message = "redis.access_string is \"${var.access_string}\": begin with \"on \" and go on with keys and commands, such as \"on ~app:* +@all -@admin -@dangerous\"."
  }
}

variable "password_version" {
  description = "With auth = \"password\": another number draws a new password. The one before it works until the next is drawn."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "redis.password_version is ${var.password_version}: write a whole number from 1, one higher for a new password."
  }
}

variable "snapshot_retention_days" {
  description = "For how many days daily snapshots are kept, 0 for none. Null for 7 where protected and 0 elsewhere."
  type        = number
  default     = null

  validation {
    condition     = var.snapshot_retention_days == null || try(var.snapshot_retention_days >= 0 && var.snapshot_retention_days <= 35 && floor(var.snapshot_retention_days) == var.snapshot_retention_days, false)
    error_message = "redis.snapshot_retention_days is ${coalesce(var.snapshot_retention_days, 0)}: write a whole number from 0 to 35."
  }
}
