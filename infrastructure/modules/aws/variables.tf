variable "name" {
  description = "Stands before every name: PROJECT-ENVIRONMENT or PROJECT-ENVIRONMENT-INSTANCE."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && length(var.name) <= 110
    error_message = "name is \"${var.name}\": write at most 110 lower-case letters, digits and single hyphens, beginning with a letter and ending with a letter or digit."
  }
}

variable "parameter_path" {
  description = "Where the connection details stand in SSM: \"/PROJECT/ENVIRONMENT/INSTANCE\"."
  type        = string
  nullable    = false

  # "aws" and "ssm" at the beginning are Amazon's.
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,10}$", var.parameter_path)) && !can(regex("^/(aws|ssm)", lower(var.parameter_path)))
    error_message = "parameter_path is \"${var.parameter_path}\": write a path such as \"/tracker/aws/default\", which does not begin with \"/aws\" or \"/ssm\"."
  }
}

variable "account_id" {
  description = "The account that all of it is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\": write the 12 digits of an AWS account."
  }
}

variable "size" {
  description = "How big the services are unless they say otherwise: small, medium or large."
  type        = string
  default     = "small"
  nullable    = false
}

variable "protected" {
  description = "Whether AWS refuses to delete what holds data. Lifting it is a change of its own, applied before a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_on_destroy" {
  description = "Whether a destroy leaves final snapshots, automated backups, and secrets and the key for 30 days, and refuses a bucket that is not empty."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.keep_on_destroy || !var.protected
    error_message = "keep_on_destroy is false where protected is true: write protected = false too if the data is worth nothing."
  }
}

variable "kms_key_arn" {
  description = "A key that is there already, to encrypt all of it; its policy has to let CloudWatch Logs use it, as modules/kms has it. Null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is \"${coalesce(var.kms_key_arn, "null")}\": write the ARN of a key, not of an alias, such as \"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\", or leave it out."
  }
}

variable "reachable" {
  description = "Whether this machine reaches the services, through a VPN: then they have probes."
  type        = bool
  default     = false
  nullable    = false
}

variable "existing_network" {
  description = "A VPC and private subnets that are there already; modules/network says more. Null makes a VPC."
  type = object({
    vpc_id                   = string
    subnet_ids               = set(string)
    client_security_group_id = optional(string)
    s3_route_table_ids       = optional(set(string), [])
  })
  default = null
}

variable "vpc_cidr" {
  description = "Addresses of the VPC that is made. Null is modules/network's default."
  type        = string
  default     = null
}

variable "zones" {
  description = "In how many availability zones the VPC that is made has a subnet. Null is modules/network's default."
  type        = number
  default     = null
}

variable "interface_endpoints" {
  description = "Services of AWS that are to be reached without a way out of the VPC."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "flow_logs" {
  description = "Whether the VPC's traffic is recorded, and for how many days."
  type = object({
    enabled        = optional(bool)
    retention_days = optional(number)
  })
  default  = {}
  nullable = false
}

# What is left out of the objects below is the default of the module's variable of the same name.

variable "redis" {
  description = "Redis on ElastiCache: whether it is made, and the variables of modules/elasticache."
  type = object({
    enabled                 = optional(bool, true)
    engine                  = optional(string)
    engine_version          = optional(string)
    node_type               = optional(string)
    replicas                = optional(number)
    maxmemory_policy        = optional(string, "noeviction")
    auth                    = optional(string)
    access_string           = optional(string)
    password_version        = optional(number)
    snapshot_retention_days = optional(number)
  })
  default  = {}
  nullable = false
}

variable "postgres" {
  description = "Postgres on RDS: whether it is made, and the variables of modules/rds."
  type = object({
    enabled                     = optional(bool, true)
    user                        = optional(string)
    database                    = optional(string)
    application_user            = optional(string)
    master_password             = optional(string)
    password_version            = optional(number)
    engine_version              = optional(string)
    allow_major_version_upgrade = optional(bool)
    instance_class              = optional(string)
    storage_gb                  = optional(number)
    max_storage_gb              = optional(number)
    multi_az                    = optional(bool)
    backup_retention_days       = optional(number)
    monitoring_seconds          = optional(number)
    insights                    = optional(string)
    log_exports                 = optional(set(string))
    log_retention_days          = optional(number)
    parameters                  = optional(map(object({ value = string, apply_method = optional(string, "immediate") })))
    ca_cert_identifier          = optional(string)
    backup_window               = optional(string)
    maintenance_window          = optional(string)
    apply_immediately           = optional(bool)
    snapshot_identifier         = optional(string)
  })
  default  = {}
  nullable = false
}

variable "postgres_password" {
  description = "The master password where postgres.master_password is \"secret\"."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "vectorstore" {
  description = "The vector store: whether there is one, which engine, opensearch for a domain of its own or pgvector for the environment's Postgres, and the variables of modules/opensearch."
  type = object({
    enabled                    = optional(bool, true)
    engine                     = optional(string, "opensearch")
    engine_version             = optional(string)
    instance_type              = optional(string)
    instance_count             = optional(number)
    dedicated_masters          = optional(bool)
    master_instance_type       = optional(string)
    volume_gb                  = optional(number)
    master_role_arn            = optional(string)
    logs                       = optional(set(string))
    log_retention_days         = optional(number)
    create_service_linked_role = optional(bool)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["opensearch", "pgvector"], var.vectorstore.engine)
    error_message = "vectorstore.engine is \"${var.vectorstore.engine}\": write opensearch or pgvector."
  }

  validation {
    condition     = !var.vectorstore.enabled || var.vectorstore.engine != "pgvector" || var.postgres.enabled
    error_message = "vectorstore.engine is \"pgvector\", which is the environment's own Postgres, and postgres.enabled is false: enable postgres, or write opensearch."
  }
}

variable "objectstore" {
  description = "The bucket on S3: whether it is made, and the variables of modules/s3."
  type = object({
    enabled            = optional(bool, true)
    bucket             = optional(string)
    old_versions_days  = optional(number)
    stale_uploads_days = optional(number)
  })
  default  = {}
  nullable = false
}
