# What an attribute of the objects below is when it is left out: modules/rds, elasticache, opensearch, s3
# and network, in the variable of the same name.

variable "size" {
  description = "How big the services are: small, medium or large. Every value it stands for can be set by itself below."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "size is \"${var.size}\": write small, medium or large."
  }
}

variable "protected" {
  description = "Whether AWS refuses to delete what holds data. To remove the environment, first apply `false`."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_on_destroy" {
  description = "Whether a destroy leaves final snapshots, automated backups, and secrets and the key for 30 days, and refuses while the bucket holds objects. For an environment whose data is worth nothing: false."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.keep_on_destroy || !var.protected
    error_message = "keep_on_destroy is false where protected is true: write protected = false too if the data is worth nothing."
  }
}

variable "existing_network" {
  description = "A VPC that is there already, two or more private subnets of it in different zones, and, if you like, the security group of the applications and the route tables that are to have an S3 gateway endpoint. Left out, a VPC is made."
  type = object({
    vpc_id                   = string
    subnet_ids               = set(string)
    client_security_group_id = optional(string)
    s3_route_table_ids       = optional(set(string), [])
  })
  default = null
}

variable "vpc_cidr" {
  description = "Addresses of the VPC that is made, /16 to /24. Each zone's subnet takes a sixteenth of it."
  type        = string
  default     = "10.40.0.0/16"
  nullable    = false
}

variable "zones" {
  description = "In how many availability zones the VPC that is made has a private subnet: 2 or 3."
  type        = number
  default     = 2
  nullable    = false
}

variable "interface_endpoints" {
  description = "Services of AWS to be reached from inside without a way out of the VPC, such as \"secretsmanager\" and \"ssm\"."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "flow_logs" {
  description = "Whether the traffic of the VPC that is made is recorded in CloudWatch, and for how many days."
  type = object({
    enabled        = optional(bool)
    retention_days = optional(number)
  })
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "A key that is there already, to encrypt everything; its policy has to let CloudWatch Logs use it, as modules/kms has it. Left out, one is made."
  type        = string
  default     = null
}

variable "reachable" {
  description = "Whether this machine reaches the services, through a VPN. Then the xtask asks them whether they answer."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of your own on everything, beside project, environment and instance."
  type        = map(string)
  default     = {}
  nullable    = false

  # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
  validation {
    condition     = alltrue([for name in keys(var.tags) : !contains(["project", "environment", "instance"], name) && !startswith(lower(name), "aws:")])
    error_message = "tags holds ${join(", ", [for name in keys(var.tags) : name if contains(["project", "environment", "instance"], name) || startswith(lower(name), "aws:")])}: leave out project, environment and instance, which are set already, and what begins with \"aws:\"."
  }
}

variable "redis" {
  description = "Redis on ElastiCache: whether there is one, and the variables of modules/elasticache."
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
  description = "Postgres on RDS: whether there is one, and the variables of modules/rds."
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

variable "vectorstore" {
  description = "The vector store: whether there is one, which engine, opensearch for a domain of its own or pgvector for the Postgres above, and the variables of modules/opensearch."
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
}

variable "objectstore" {
  description = "The bucket on S3: whether there is one, a name of your own for it, and for how many days old versions and unfinished uploads are kept."
  type = object({
    enabled            = optional(bool, true)
    bucket             = optional(string)
    old_versions_days  = optional(number)
    stale_uploads_days = optional(number)
  })
  default  = {}
  nullable = false
}

variable "instance_directory" {
  description = "Directory of the instance files, relative to this one. The tests and emulated instances have others."
  type        = string
  default     = ".instances"
  nullable    = false
}
