# What depends on a thing is removed before it. So this is removed first of all, and while the
# environment is protected it refuses. AWS' own protection would stop a destroy half way, with the
# cache and the network gone and the database still there.
resource "terraform_data" "protection" {
  input = { name = module.instance.name, protected = var.protected }

  depends_on = [module.aws, terraform_data.identity]

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["/bin/sh", "-c"]
    environment = { MESSAGE = "${self.output.name} is protected, and nothing of it was removed: apply protected = false first, then destroy." }
    command     = self.output.protected ? "echo \"$MESSAGE\"; exit 1" : "exit 0"
    quiet       = true
  }
}
