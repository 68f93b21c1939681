variable "directory" {
  description = "Directory of the instance files, relative to the root. The tests and emulated instances have others."
  type        = string
  default     = ".instances"
  nullable    = false
}

variable "target" {
  description = "Where the environment is made, docker or aws: which half of the file has to be there."
  type        = string
  default     = "docker"
  nullable    = false

  validation {
    condition     = contains(["docker", "aws"], var.target)
    error_message = "target is \"${var.target}\": write docker or aws."
  }
}

variable "ports" {
  description = "Ports on 127.0.0.1 for the default instance, by name; null is the service's usual one. A named instance's own stand in its file."
  type        = map(number)
  default     = {}
  nullable    = false
}
