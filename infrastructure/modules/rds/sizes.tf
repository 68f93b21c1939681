# What `size` stands for. Each value has a variable of the same name, below, that goes before it.
# No I/O rate: gp3 gives 3,000 operations a second to a volume below 400 GiB and 12,000 from there on.
locals {
  sizes = {
    small = {
      instance_class        = "db.t4g.small"
      storage_gb            = 20
      max_storage_gb        = 100
      multi_az              = false
      backup_retention_days = 7
      monitoring_seconds    = 0
    }
    medium = {
      instance_class        = "db.m7g.large"
      storage_gb            = 100
      max_storage_gb        = 500
      multi_az              = true
      backup_retention_days = 14
      monitoring_seconds    = 60
    }
    large = {
      instance_class        = "db.r7g.xlarge"
      storage_gb            = 400
      max_storage_gb        = 2000
      multi_az              = true
      backup_retention_days = 35
      monitoring_seconds    = 30
    }
  }

  chosen = local.sizes[var.size]

  instance_class        = coalesce(var.instance_class, local.chosen.instance_class)
  storage_gb            = coalesce(var.storage_gb, local.chosen.storage_gb)
  max_storage_gb        = coalesce(var.max_storage_gb, local.chosen.max_storage_gb)
  multi_az              = coalesce(var.multi_az, local.chosen.multi_az)
  backup_retention_days = coalesce(var.backup_retention_days, local.chosen.backup_retention_days)
  monitoring_seconds    = coalesce(var.monitoring_seconds, local.chosen.monitoring_seconds)
}

variable "size" {
  description = "What the values of sizes.tf are unless given: small, medium or large."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "size is \"${var.size}\": write small, medium or large."
  }
}

variable "instance_class" {
  description = "Instance class. Null is the size's."
  type        = string
  default     = null

  validation {
    condition     = var.instance_class == null ? true : can(regex("^db[.][a-z0-9]+[.][a-z0-9]+$", var.instance_class))
    error_message = "postgres.instance_class is \"${coalesce(var.instance_class, "null")}\": write a class of RDS, such as \"db.t4g.small\", or leave it out."
  }
}

variable "storage_gb" {
  description = "Storage at the beginning, in GiB. Null is the size's."
  type        = number
  default     = null

  validation {
    condition     = var.storage_gb == null ? true : var.storage_gb >= 20 && var.storage_gb <= 65536 && floor(var.storage_gb) == var.storage_gb
    error_message = "postgres.storage_gb is ${coalesce(var.storage_gb, 0)}: write a whole number from 20 to 65536, what gp3 can be."
  }
}

variable "max_storage_gb" {
  description = "Up to where RDS adds storage by itself, in GiB. It never takes any back. Null is the size's."
  type        = number
  default     = null

  # RDS asks for a tenth more than there is.
  validation {
    condition = alltrue([
      coalesce(var.max_storage_gb, local.chosen.max_storage_gb) >= local.storage_gb * 1.1,
      coalesce(var.max_storage_gb, local.chosen.max_storage_gb) <= 65536,
      floor(coalesce(var.max_storage_gb, 0)) == coalesce(var.max_storage_gb, 0),
    ])
    error_message = "postgres.max_storage_gb is ${coalesce(var.max_storage_gb, local.chosen.max_storage_gb)} with storage_gb = ${local.storage_gb}: write a whole number from ${ceil(local.storage_gb * 1.1)} to 65536."
  }
}

variable "multi_az" {
  description = "Whether a copy in another zone stands by to take over. Null is the size's."
  type        = bool
  default     = null
}

variable "backup_retention_days" {
  description = "For how many days the database can be restored to any second. Null is the size's."
  type        = number
  default     = null

  validation {
    condition     = var.backup_retention_days == null ? true : var.backup_retention_days >= (var.protected ? 1 : 0) && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "postgres.backup_retention_days is ${coalesce(var.backup_retention_days, 0)}: write a whole number from ${var.protected ? 1 : 0} to 35${var.protected ? "; a protected database has backups" : ""}."
  }
}

variable "monitoring_seconds" {
  description = "How often the operating system below the database is measured; 0 is never. Null is the size's."
  type        = number
  default     = null

  validation {
    condition     = var.monitoring_seconds == null ? true : contains([0, 1, 5, 10, 15, 30, 60], var.monitoring_seconds)
    error_message = "postgres.monitoring_seconds is ${coalesce(var.monitoring_seconds, 0)}: write 0, 1, 5, 10, 15, 30 or 60."
  }
}
