variable "name" {
  description = "Name of the container."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Image reference and the version of the engine in it. `defaults`: see modules/docker."
  type = object({
    reference = string
    version   = string
    defaults  = optional(number, 1)
  })
  nullable = false
}

variable "labels" {
  description = "Labels that say whose the container is; the service's own is added."
  type        = map(string)
  nullable    = false
}

variable "volume" {
  description = "Name of the volume that holds the data."
  type        = string
  nullable    = false
}

variable "host_ports" {
  description = "Ports on 127.0.0.1: the S3 API and the web console."
  type = object({
    api     = optional(number, 9000)
    console = optional(number, 9001)
  })
  default  = {}
  nullable = false
}

variable "access_key" {
  description = "Access key of the root user."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]{3,128}$", var.access_key))
    error_message = "The object store's access key must be 3 to 128 letters and digits: write another in the instance file."
  }
}

variable "secret_key" {
  description = "Secret key of the root user."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = length(var.secret_key) >= 16 && can(regex("^[!-~]+$", var.secret_key))
    error_message = "The object store's secret key must be 16 or more printable ASCII characters without spaces: write another in the instance file."
  }
}

variable "bucket" {
  description = "The application's bucket; it exists as soon as the server answers."
  type        = string
  default     = "tracker"
  nullable    = false

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, so that the name also works on AWS.
  validation {
    condition = alltrue([
      can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket)),
      !can(regex("[.][.]|[.]-|-[.]", var.bucket)),
      !can(regex("^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$", var.bucket)),
      !can(regex("^(xn--|sthree-|amzn-s3-demo-)", var.bucket)),
      !can(regex("(-s3alias|--ol-s3|[.]mrap|--x-s3|--table-s3)$", var.bucket)),
    ])
    error_message = "objectstore.bucket is \"${var.bucket}\", which S3 does not accept: write 3 to 63 lower-case letters, digits, hyphens and single dots, beginning and ending with a letter or digit."
  }
}

variable "region" {
  description = "Region that the server reports and clients sign for."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.region))
    error_message = "objectstore.region is \"${var.region}\": write a region's name such as \"us-east-1\"."
  }
}

variable "memory_mb" {
  description = "Memory limit of the container in MiB."
  type        = number
  default     = 512
  nullable    = false
}

variable "network" {
  description = "Docker network in which the container is called `objectstore`. Null for none."
  type        = string
  default     = null
}

variable "start_after" {
  description = "Ids of containers that are started before this one."
  type        = list(string)
  default     = []
  nullable    = false
}
