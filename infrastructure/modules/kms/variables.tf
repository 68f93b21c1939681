variable "name" {
  description = "Name of the key's alias, such as \"tracker-aws\"."
  type        = string
  nullable    = false

  # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html; "aws" at the beginning is Amazon's.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,248}[a-z0-9]$", var.name)) && !startswith(var.name, "aws-")
    error_message = "name is \"${var.name}\": write 2 to 250 lower-case letters, digits and hyphens, beginning with a letter but not with \"aws-\", and ending with a letter or digit."
  }
}

variable "account_id" {
  description = "The account whose IAM policies decide who may use the key."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\": write the 12 digits of an AWS account."
  }
}

variable "deletion_window_days" {
  description = "For how many days after a destroy the key can still be brought back, and with it everything it encrypted."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30 && floor(var.deletion_window_days) == var.deletion_window_days
    error_message = "deletion_window_days is ${var.deletion_window_days}: write a whole number from 7 to 30, the limits of KMS."
  }
}
