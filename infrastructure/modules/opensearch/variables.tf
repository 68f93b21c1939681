variable "name" {
  description = "First part of every name, PROJECT-ENVIRONMENT or PROJECT-ENVIRONMENT-INSTANCE. One too long for AWS is cut, and a hash of the whole keeps it apart from others."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]+[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name is \"${var.name}\": write three or more lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
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
    error_message = "network.subnet_ids is empty: write the private subnets for the domain, two or three in different availability zones."
  }
}

variable "kms_key_arn" {
  description = "Key for the data at rest and the logs; its policy has to let CloudWatch Logs use it. Null for the keys that AWS manages. Fixed for the data when the domain is made."
  type        = string
  default     = null
}

variable "protected" {
  description = "Refuses to remove or replace the domain. AWS has no such protection of its own, and its automatic snapshots go with the domain."
  type        = bool
  default     = true
  nullable    = false
}

variable "size" {
  description = "small, medium or large: decides instance_type, instance_count, dedicated_masters and volume_gb where they say nothing."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "size is \"${var.size}\": write small, medium or large."
  }
}

variable "instance_type" {
  description = "Type of the data nodes, such as \"r7g.large.search\". Vectors are kept in a quarter of its memory. Null lets the size decide."
  type        = string
  default     = null

  validation {
    condition     = var.instance_type == null || can(regex("^[a-z0-9-]+\\.[a-z0-9]+\\.search$", var.instance_type))
    error_message = "vectorstore.instance_type is \"${coalesce(var.instance_type, "null")}\": write an instance type of OpenSearch, such as \"r7g.large.search\"."
  }
}

variable "instance_count" {
  description = "Data nodes: 1 for no redundancy, a multiple of 2 for two availability zones, a multiple of 3 for three. Null lets the size decide."
  type        = number
  default     = null

  validation {
    condition     = var.instance_count == null || try(var.instance_count >= 1 && var.instance_count <= 80 && floor(var.instance_count) == var.instance_count, false)
    error_message = "vectorstore.instance_count is ${coalesce(var.instance_count, 0)}: write a whole number from 1 to 80."
  }

  # AWS spreads nodes evenly or not at all: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html
  validation {
    condition = (
      try(var.instance_count == 1, false) ||
      length(var.network.subnet_ids) >= 2 && coalesce(var.instance_count, local.size.instance_count) % 2 == 0 ||
      length(var.network.subnet_ids) >= 3 && coalesce(var.instance_count, local.size.instance_count) % 3 == 0
    )
    error_message = "vectorstore.instance_count is ${coalesce(var.instance_count, local.size.instance_count)} and network.subnet_ids has ${length(var.network.subnet_ids)}: write 1, a multiple of 2 with two subnets or more, or a multiple of 3 with three."
  }
}

variable "dedicated_masters" {
  description = "Three more nodes that hold no data and keep the cluster together. Null lets the size decide."
  type        = bool
  default     = null
}

variable "master_instance_type" {
  description = "Type of the dedicated masters."
  type        = string
  default     = "m7g.large.search"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9]+\\.search$", var.master_instance_type))
    error_message = "vectorstore.master_instance_type is \"${var.master_instance_type}\": write an instance type of OpenSearch, such as \"m7g.large.search\"."
  }
}

variable "volume_gb" {
  description = "Disk of each data node in GiB. Null lets the size decide."
  type        = number
  default     = null

  validation {
    condition     = var.volume_gb == null || try(var.volume_gb >= 10 && var.volume_gb <= 3072 && floor(var.volume_gb) == var.volume_gb, false)
    error_message = "vectorstore.volume_gb is ${coalesce(var.volume_gb, 0)}: write a whole number from 10 to 3072; the limit of a small instance type is lower."
  }
}

variable "engine_version" {
  description = "Version of OpenSearch, as MAJOR.MINOR. AWS upgrades in place and cannot go back."
  type        = string
  default     = "2.19"
  nullable    = false

  # Two-tier k-NN with filters, and the TLS policy below, are in every version from here on.
  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+$", var.engine_version)) && try(tonumber(split(".", var.engine_version)[0]) >= 2, false)
    error_message = "vectorstore.engine_version is \"${var.engine_version}\": write MAJOR.MINOR, 2.0 or later, such as \"2.19\"."
  }
}

variable "master_role_arn" {
  description = "IAM role or user that may do everything in the domain and gives others their roles there. Null makes a role that principals of this account may take on if their own policies let them."
  type        = string
  default     = null

  validation {
    condition     = var.master_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", var.master_role_arn))
    error_message = "vectorstore.master_role_arn is \"${coalesce(var.master_role_arn, "null")}\": write the ARN of an IAM role, such as \"arn:aws:iam::123456789012:role/search-admin\"."
  }
}

variable "logs" {
  description = "Which logs go to CloudWatch: application, index_slow, search_slow, audit. An account may have ten log policies in a region, and a domain with logs needs one."
  type        = set(string)
  default     = ["application"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.logs, ["application", "index_slow", "search_slow", "audit"])) == 0
    error_message = "vectorstore.logs has ${join(", ", setsubtract(var.logs, ["application", "index_slow", "search_slow", "audit"]))}: write application, index_slow, search_slow or audit."
  }
}

variable "log_retention_days" {
  description = "For how many days CloudWatch keeps them."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "vectorstore.log_retention_days is ${var.log_retention_days}: CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "create_service_linked_role" {
  description = "Makes the role by which OpenSearch reaches into VPCs. An account has one for all its domains, so say so only where there is none; the first apply tells."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long to wait for AWS. The provider takes its first look at a new domain after ten minutes, or when create ends if that is sooner."
  type = object({
    create = optional(string, "60m")
    update = optional(string, "180m")
    delete = optional(string, "90m")
  })
  default  = {}
  nullable = false
}
