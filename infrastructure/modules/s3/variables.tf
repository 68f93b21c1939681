variable "name" {
  description = "Stands at the beginning of the bucket's name, such as \"tracker-aws\"; what is too long ends in a hash."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": write lower-case letters, digits and hyphens, beginning with a letter and ending with a letter or digit."
  }
}

variable "account_id" {
  description = "The account that owns the bucket; its number is part of the bucket's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\": write the 12 digits of an AWS account."
  }
}

variable "bucket" {
  description = "A name of your own for the bucket. Null makes one of name, account and region."
  type        = string
  default     = null

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and no dots, because
  # a name with one does not match the certificate of its own address.
  validation {
    condition = var.bucket == null ? true : alltrue([
      can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket)),
      !can(regex("^(xn--|sthree-|amzn-s3-demo-)", var.bucket)),
      !can(regex("(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.bucket)),
    ])
    error_message = "objectstore.bucket is \"${coalesce(var.bucket, "null")}\": write 3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, or leave it out."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the objects. Null is the account's own for S3, aws/s3."
  type        = string
  default     = null
}

variable "old_versions_days" {
  description = "For how many days an object that was overwritten or deleted can be brought back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.old_versions_days >= 1 && floor(var.old_versions_days) == var.old_versions_days
    error_message = "objectstore.old_versions_days is ${var.old_versions_days}: write a whole number of days, 1 or more."
  }
}

variable "stale_uploads_days" {
  description = "After how many days the parts of an upload that was never finished are removed; until then they cost as much as objects and no listing shows them."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.stale_uploads_days >= 1 && floor(var.stale_uploads_days) == var.stale_uploads_days
    error_message = "objectstore.stale_uploads_days is ${var.stale_uploads_days}: write a whole number of days, 1 or more."
  }
}

variable "force_destroy" {
  description = "Whether a destroy removes the objects too. False: a bucket that is not empty refuses to go."
  type        = bool
  default     = false
  nullable    = false
}

variable "endpoint_url" {
  description = "Where S3 answers, when that is not AWS: an emulator. Null is the region's own address."
  type        = string
  default     = null

  validation {
    condition     = var.endpoint_url == null ? true : can(regex("^https?://[^/:]+:[0-9]+$", var.endpoint_url))
    error_message = "endpoint_url is \"${coalesce(var.endpoint_url, "null")}\": write an address with a port, such as \"http://127.0.0.1:4566\", or leave it out."
  }
}
