variable "name" {
  description = "Name of the database instance, such as \"tracker-aws\"; what is too long ends in a hash."
  type        = string
  nullable    = false

  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name is \"${var.name}\": write lower-case letters, digits and single hyphens, beginning with a letter and ending with a letter or digit."
  }
}

variable "account_id" {
  description = "The account that owns the database."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\": write the 12 digits of an AWS account."
  }
}

variable "network" {
  description = "Where the database goes, and the security group of those who may reach it."
  type = object({
    vpc_id                   = string
    subnet_ids               = list(string)
    client_security_group_id = string
  })
  nullable = false
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, backups, insights, logs and the master password; its policy has to let CloudWatch Logs use it. Null is the account's own for each service."
  type        = string
  default     = null
}

variable "protected" {
  description = "Whether AWS refuses to delete the database. Lifting it is a change of its own, applied before a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "keep_on_destroy" {
  description = "Whether a destroy leaves a final snapshot, the automated backups and, for 30 days, the secret."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.keep_on_destroy || !var.protected
    error_message = "keep_on_destroy is false for a database that is protected: write protected = false too if its data is worth nothing."
  }
}

variable "user" {
  description = "Owner of the database and RDS' master user. Fixed when the database is made."
  type        = string
  default     = "tracker"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.user)) && !can(regex("^(pg_|rds)", var.user)) && !contains(["admin", "public", "user"], var.user)
    error_message = "postgres.user is \"${var.user}\": write at most 63 lower-case letters, digits and underscores, beginning with a letter but not with \"pg_\" or \"rds\", and none of admin, public and user."
  }
}

variable "database" {
  description = "The application's database. Fixed when the instance is made."
  type        = string
  default     = "tracker"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database)) && !contains(["postgres", "rdsadmin", "template0", "template1"], var.database)
    error_message = "postgres.database is \"${var.database}\": write at most 63 lower-case letters, digits and underscores, beginning with a letter, and none of the server's own: postgres, rdsadmin, template0, template1."
  }
}

variable "application_user" {
  description = "Role that the application logs in as with an IAM token, once `GRANT rds_iam` has made it one. Null: it logs in as `user` with the master password."
  type        = string
  default     = null

  validation {
    condition     = var.application_user == null ? true : can(regex("^[a-z][a-z0-9_]{0,62}$", var.application_user)) && !can(regex("^(pg_|rds)", var.application_user))
    error_message = "postgres.application_user is \"${coalesce(var.application_user, "null")}\": write at most 63 lower-case letters, digits and underscores, beginning with a letter but not with \"pg_\" or \"rds\", or leave it out."
  }

  # RDS takes the master password from a user who may log in by IAM.
  validation {
    condition     = var.application_user == null ? true : var.application_user != var.user
    error_message = "postgres.application_user is \"${var.user}\", the master user, whose password would stop working: write the name of another role."
  }
}

variable "master_password" {
  description = "Who holds the master password: RDS, which makes it, keeps it in Secrets Manager and changes it every week (\"managed\"), or a secret of ours, which takes `password` (\"secret\"). Neither leaves it in state."
  type        = string
  default     = "managed"
  nullable    = false

  validation {
    condition     = contains(["managed", "secret"], var.master_password)
    error_message = "postgres.master_password is \"${var.master_password}\": write managed or secret."
  }
}

variable "password" {
  description = "The master password where `master_password` is \"secret\"; used when the database is made and whenever `password_version` changes."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "password_version" {
  description = "Another number gives the database and its secret a new master password, where `master_password` is \"secret\"."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "postgres.password_version is ${var.password_version}: write a whole number, 1 or more."
  }
}

variable "engine_version" {
  description = "Version of Postgres. A major one alone follows AWS' minor ones by itself; a minor one stays until it is changed here."
  type        = string
  default     = "17"
  nullable    = false

  validation {
    condition     = can(regex("^1[6-8]([.][0-9]{1,2})?$", var.engine_version))
    error_message = "postgres.engine_version is \"${var.engine_version}\": write 16, 17 or 18, alone or with a minor version, such as \"17.5\"."
  }
}

variable "allow_major_version_upgrade" {
  description = "Whether an `engine_version` with another major version is accepted. The upgrade stops the database for minutes and cannot be taken back."
  type        = bool
  default     = false
  nullable    = false
}

variable "insights" {
  description = "CloudWatch Database Insights: off, standard (7 days, free of charge) or advanced (15 months)."
  type        = string
  default     = "standard"
  nullable    = false

  validation {
    condition     = contains(["off", "standard", "advanced"], var.insights)
    error_message = "postgres.insights is \"${var.insights}\": write off, standard or advanced."
  }
}

variable "log_exports" {
  description = "Logs that go to CloudWatch: postgresql, upgrade."
  type        = set(string)
  default     = ["postgresql", "upgrade"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.log_exports, ["postgresql", "upgrade", "iam-db-auth-error"])) == 0
    error_message = "postgres.log_exports holds ${join(", ", setsubtract(var.log_exports, ["postgresql", "upgrade", "iam-db-auth-error"]))}: write postgresql, upgrade or iam-db-auth-error."
  }
}

variable "log_retention_days" {
  description = "For how many days CloudWatch keeps them."
  type        = number
  default     = 30
  nullable    = false

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "postgres.log_retention_days is ${var.log_retention_days}, which CloudWatch does not have: write 7, 14, 30, 60, 90, 180 or 365."
  }
}

variable "parameters" {
  description = "Parameters of the server beside the module's own, by name. A static one needs apply_method = \"pending-reboot\"."
  type = map(object({
    value        = string
    apply_method = optional(string, "immediate")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = !contains(keys(var.parameters), "rds.force_ssl")
    error_message = "postgres.parameters holds rds.force_ssl: leave it out, connections without TLS are always refused."
  }

  validation {
    condition     = alltrue([for parameter in values(var.parameters) : contains(["immediate", "pending-reboot"], parameter.apply_method)])
    error_message = "postgres.parameters has another apply_method than immediate and pending-reboot for ${join(", ", [for name, parameter in var.parameters : name if !contains(["immediate", "pending-reboot"], parameter.apply_method)])}: write one of the two."
  }
}

variable "ca_cert_identifier" {
  description = "Authority that signs the server's certificate, such as \"rds-ca-rsa2048-g1\". Null is the account's default."
  type        = string
  default     = null
}

variable "backup_window" {
  description = "When the daily backup begins, in UTC."
  type        = string
  default     = "03:00-04:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "postgres.backup_window is \"${var.backup_window}\": write half an hour or more in UTC, such as \"03:00-04:00\"."
  }
}

variable "maintenance_window" {
  description = "When AWS may stop the database for an update, in UTC and apart from the backup."
  type        = string
  default     = "sun:04:30-sun:05:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "postgres.maintenance_window is \"${var.maintenance_window}\": write half an hour or more in UTC, such as \"sun:04:30-sun:05:30\"."
  }
}

variable "apply_immediately" {
  description = "Whether a change that stops the database happens at once, and not in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}

variable "snapshot_identifier" {
  description = "Snapshot to make the database from. `user` and `database` have to be the snapshot's: others would plan a replacement, as would a snapshot named once the database is there. It may be left out again afterwards."
  type        = string
  default     = null
}

variable "reachable" {
  description = "Whether this machine reaches the database, through a VPN or because it is an emulator's: then there is a probe."
  type        = bool
  default     = false
  nullable    = false
}

variable "tls" {
  description = "Whether clients are told to use TLS and to verify the server. RDS refuses them without it; false is for an emulator, whose certificate no authority of the region has signed."
  type        = bool
  default     = true
  nullable    = false
}
