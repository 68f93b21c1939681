# Everything else is removed only after what depends on it, so this is removed first; and while it is
# protected it refuses. AWS' own protection would stop a destroy half way, with the cache and the
# network gone and the database still there.
resource "terraform_data" "protection" {
  input = { name = var.name, protected = var.protected }

  depends_on = [
    module.kms,
    module.network,
    module.redis,
    module.postgres,
    module.vectorstore,
    module.objectstore,
    aws_iam_policy.application,
    aws_ssm_parameter.this,
  ]

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["/bin/sh", "-c"]
    environment = { MESSAGE = "${self.output.name} is protected, and nothing of it was removed: apply `protected = false` first, then destroy." }
    command     = self.output.protected ? "echo \"$MESSAGE\"; exit 1" : "exit 0"
    quiet       = true
  }
}
