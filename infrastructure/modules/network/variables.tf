variable "name" {
  description = "Stands before every name, such as \"tracker-aws\"."
  type        = string
  nullable    = false

  # Security groups: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && length(var.name) <= 128
    error_message = "name is \"${var.name}\": write lower-case letters, digits and hyphens, at most 128, beginning with a letter and ending with a letter or digit."
  }
}

variable "existing_network" {
  description = "A VPC that is there already, and private subnets of it in two zones or more: nothing of a network is made then, except a security group for clients unless it names one, and an S3 gateway endpoint for the route tables it names. Null makes a VPC."
  type = object({
    vpc_id                   = string
    subnet_ids               = set(string)
    client_security_group_id = optional(string)
    s3_route_table_ids       = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.existing_network == null ? true : can(regex("^vpc-[0-9a-f]+$", var.existing_network.vpc_id))
    error_message = "existing_network.vpc_id is \"${try(var.existing_network.vpc_id, "")}\": write the id of a VPC, such as \"vpc-0a1b2c3d4e5f67890\"."
  }

  validation {
    condition = var.existing_network == null ? true : (
      length(var.existing_network.subnet_ids) >= 2
      && alltrue([for id in var.existing_network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    )
    error_message = "existing_network.subnet_ids is [${try(join(", ", var.existing_network.subnet_ids), "")}]: write the ids of two private subnets or more, in two zones, such as \"subnet-0a1b2c3d4e5f67890\"."
  }

  validation {
    condition     = try(var.existing_network.client_security_group_id, null) == null ? true : can(regex("^sg-[0-9a-f]+$", var.existing_network.client_security_group_id))
    error_message = "existing_network.client_security_group_id is \"${try(coalesce(var.existing_network.client_security_group_id), "")}\": write the id of a security group, such as \"sg-0a1b2c3d4e5f67890\", or leave it out."
  }

  validation {
    condition     = var.existing_network == null ? true : alltrue([for id in var.existing_network.s3_route_table_ids : can(regex("^rtb-[0-9a-f]+$", id))])
    error_message = "existing_network.s3_route_table_ids is [${try(join(", ", var.existing_network.s3_route_table_ids), "")}]: write the ids of route tables, such as \"rtb-0a1b2c3d4e5f67890\", or leave it out."
  }
}

variable "cidr" {
  description = "Addresses of the VPC that is made. Each zone's subnet takes a sixteenth, from the first on; the rest is free for subnets of applications."
  type        = string
  default     = "10.40.0.0/16"
  nullable    = false

  # A VPC has /16 to /28 and so has a subnet, which is four bits longer here:
  # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
  validation {
    condition = try(
      cidrsubnet(var.cidr, 0, 0) == var.cidr && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24 && can(cidrnetmask(var.cidr)),
      false,
    )
    error_message = "cidr is \"${var.cidr}\": write an IPv4 network of /16 to /24 by its first address, such as \"10.40.0.0/16\"."
  }
}

variable "zones" {
  description = "In how many availability zones the VPC has a private subnet."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones is ${var.zones}: write 2 or 3; RDS and ElastiCache need two to fail over to."
  }
}

variable "client_reaches_s3" {
  description = "Whether clients may go to S3's gateway endpoint. False only where rules about prefix lists do not work."
  type        = bool
  default     = true
  nullable    = false
}

variable "interface_endpoints" {
  description = "Services of AWS to be reached from inside without a way out of the VPC, by the last part of their endpoint's name: \"secretsmanager\", \"ssm\". Each costs some 7 USD a month and zone."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z][a-z0-9]*([.-][a-z0-9]+)*$", service))])
    error_message = "interface_endpoints holds ${join(", ", [for service in var.interface_endpoints : "\"${service}\"" if !can(regex("^[a-z][a-z0-9]*([.-][a-z0-9]+)*$", service))])}: write a service's short name, such as \"secretsmanager\", not its whole address."
  }

  validation {
    condition     = !contains(var.interface_endpoints, "s3")
    error_message = "interface_endpoints holds \"s3\": leave it out, S3 has a gateway endpoint, which costs nothing."
  }
}

variable "flow_logs" {
  description = "Whether the traffic of the VPC is recorded in CloudWatch, and for how many days."
  type = object({
    enabled        = optional(bool, false)
    retention_days = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = !var.flow_logs.enabled || var.existing_network == null
    error_message = "flow_logs.enabled is true with existing_network: leave it out, whoever owns that VPC records its traffic."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_logs.retention_days)
    error_message = "flow_logs.retention_days is ${var.flow_logs.retention_days}, which CloudWatch does not have: write 7, 14, 30, 60, 90, 180 or 365."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the flow logs; its policy has to let CloudWatch Logs use it. Null is CloudWatch's own."
  type        = string
  default     = null
}
