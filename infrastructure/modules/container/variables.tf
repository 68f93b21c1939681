variable "name" {
  description = "Name of the container."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Image reference with an exact tag or digest; a tag that is present is not pulled again. `defaults`: see modules/docker."
  type = object({
    reference = string
    defaults  = optional(number, 1)
  })
  nullable = false

  validation {
    condition     = can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$", var.image.reference)) && !endswith(var.image.reference, ":latest")
    error_message = "Image `${var.image.reference}` must end in an exact tag or digest other than `latest`: write for example \"redis:8.0.2-bookworm\"."
  }
}

variable "labels" {
  description = "Labels that say whose the container is."
  type        = map(string)
  nullable    = false
}

variable "entrypoint" {
  description = "Replaces the image's entrypoint. Null keeps it."
  type        = list(string)
  default     = null
}

variable "command" {
  description = "Replaces the image's command. Null keeps it. Holds no secret: every user of the machine can read a command line."
  type        = list(string)
  default     = null
}

variable "env" {
  description = "Environment variables of the container."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
}

variable "ports" {
  description = "Ports to publish on 127.0.0.1, in rising order of the container's port, as the provider reads them back."
  type = list(object({
    container = number
    host      = number
  }))
  nullable = false
}

variable "volume" {
  description = "The named volume that holds the data, and where the image expects it."
  type = object({
    name = string
    path = string
  })
  nullable = false
}

variable "read_only_mounts" {
  description = "Directories of this machine to show inside: absolute path in the container to absolute path here."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "files" {
  description = "Files to write into the container before it starts: absolute path to content."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "healthcheck" {
  description = "Command of the health check, as [\"CMD\", ...] or [\"CMD-SHELL\", \"...\"]. Null for an image that cannot run one."
  type        = list(string)
  default     = null
}

variable "memory_mb" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory_mb >= 64 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb is ${var.memory_mb}: write a whole number of MiB, 64 or more."
  }
}

variable "shm_size_mb" {
  description = "Size of /dev/shm in MiB."
  type        = number
  default     = 64
  nullable    = false
}

variable "stop_signal" {
  description = "Signal that asks the process to end in order."
  type        = string
  default     = "SIGTERM"
  nullable    = false
}

variable "network" {
  description = "Docker network to join and the name the container has in it. Null keeps to the engine's default bridge."
  type = object({
    name  = string
    alias = string
  })
  default = null
}

variable "start_after" {
  description = "Ids of containers that are started before this one."
  type        = list(string)
  default     = []
  nullable    = false
}
