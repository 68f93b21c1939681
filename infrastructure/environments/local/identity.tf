# Who this state belongs to. Everything else depends on it, so a missing or foreign
# instance file is one message and nothing is planned.
resource "terraform_data" "identity" {
  input = {
    project     = module.instance.project
    environment = module.instance.environment
    instance    = terraform.workspace
    owner       = module.instance.owner
  }

  lifecycle {
    precondition {
      condition     = module.instance.problem == ""
      error_message = module.instance.problem
    }
  }
}
