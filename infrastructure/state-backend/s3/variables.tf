variable "project" {
  description = "First part of the bucket's name, and the tag that says whose it is."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.project)) && !strcontains(var.project, "--")
    error_message = "The project is \"${var.project}\": write lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "region" {
  description = "Region of the bucket. Null for that of AWS_REGION or of the profile."
  type        = string
  default     = null
}

variable "allowed_account_ids" {
  description = "Accounts in which the bucket may be made. Empty for any."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids has ${join(", ", [for id in var.allowed_account_ids : id if !can(regex("^[0-9]{12}$", id))])}: write account numbers of 12 digits, as strings."
  }
}

variable "adopt" {
  description = "Takes a bucket of this name that exists already, if its tags say that it is ours. For when the state of this directory is lost; fails when there is no such bucket."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key for the objects. Null for the key that S3 manages (SSE-S3): a key of one's own is a second thing that can be lost and takes every state with it, and each reader needs a permission on it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn is \"${coalesce(var.kms_key_arn, "null")}\": write the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/ID\", and not of an alias."
  }
}

variable "noncurrent_days" {
  description = "For how many days an overwritten state is kept. The last 20 of each state are kept however old they are."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 7 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is ${var.noncurrent_days}: write a whole number from 7; a lost state is often noticed days later."
  }
}

variable "emulated" {
  description = "Whether AWS_ENDPOINT_URL leads to an emulator."
  type        = bool
  default     = false
  nullable    = false
}
