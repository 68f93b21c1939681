# One choice for all services. The side that is not chosen is not made: no count of single services
# here, because a state with one service on each side could lose the half that nobody looks at.

locals {
  on_aws = var.environment == "aws"
}

module "instance" {
  source = "../../modules/instance"

  directory = var.instance_directory
  target    = local.on_aws ? "aws" : "docker"
  ports     = var.ports
}

module "docker" {
  source = "../../modules/docker"
  count  = local.on_aws ? 0 : 1

  instance = module.instance

  redis       = var.redis
  postgres    = var.postgres
  vectorstore = var.vectorstore
  objectstore = var.objectstore

  depends_on = [terraform_data.identity]
}

# Drawn anew at each run and forgotten after it; only an emulator needs one, since RDS makes its own.
ephemeral "aws_secretsmanager_random_password" "postgres" {
  count = module.instance.emulated && var.postgres.enabled ? 1 : 0

  password_length     = 40
  exclude_punctuation = true

  depends_on = [data.aws_caller_identity.this]
}

module "aws" {
  source = "../../modules/aws"
  count  = local.on_aws ? 1 : 0

  name             = module.instance.name
  parameter_path   = "/${module.instance.project}/${module.instance.environment}/${terraform.workspace}"
  account_id       = one(data.aws_caller_identity.this[*].account_id)
  size             = var.size
  protected        = var.protected
  keep_on_destroy  = var.keep_on_destroy
  existing_network = var.existing_network
  emulator         = module.instance.emulator

  redis             = var.redis
  postgres          = var.postgres
  postgres_password = one(ephemeral.aws_secretsmanager_random_password.postgres[*].random_password)
  vectorstore       = var.vectorstore
  objectstore       = var.objectstore

  depends_on = [data.aws_caller_identity.this]
}

# Refuses a destroy of what is protected, before anything is removed; environments/aws/protection.tf says more.
resource "terraform_data" "protection" {
  input = { name = module.instance.name, protected = local.on_aws && var.protected }

  depends_on = [module.aws, module.docker, terraform_data.identity]

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["/bin/sh", "-c"]
    environment = { MESSAGE = "${self.output.name} is protected, and nothing of it was removed: apply protected = false first, then destroy." }
    command     = self.output.protected ? "echo \"$MESSAGE\"; exit 1" : "exit 0"
    quiet       = true
  }
}
