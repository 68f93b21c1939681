locals {
  name = join("-", concat(
    [local.instance.project, local.environment],
    terraform.workspace == "default" ? [] : [terraform.workspace],
  ))

  namespace = "io.${local.instance.project}"

  # A port can be had only once, so what a person wrote for the default instance does not
  # bind a named one, whose own free ports are in its file.
  ports = {
    for name, wanted in var.ports :
    name => terraform.workspace == "default" ? wanted : try(tonumber(local.instance.ports[name]), wanted)
  }
}

module "docker" {
  source = "../../modules/docker"

  name      = local.name
  namespace = local.namespace
  labels = {
    "${local.namespace}.project"     = local.instance.project
    "${local.namespace}.environment" = local.environment
    "${local.namespace}.instance"    = terraform.workspace
    "${local.namespace}.owner"       = local.instance.owner
  }
  images      = local.instance_images
  credentials = local.credentials
  ports       = local.ports
  network     = var.network

  redis       = var.redis
  postgres    = var.postgres
  vectorstore = var.vectorstore
  objectstore = var.objectstore

  depends_on = [terraform_data.identity]
}

# They were in this root before modules/docker was; a state from then keeps what it has.
moved {
  from = docker_volume.data
  to   = module.docker.docker_volume.data
}

moved {
  from = docker_network.this
  to   = module.docker.docker_network.this
}

moved {
  from = module.redis
  to   = module.docker.module.redis
}

moved {
  from = module.postgres
  to   = module.docker.module.postgres
}

moved {
  from = module.vectorstore
  to   = module.docker.module.vectorstore
}

moved {
  from = module.objectstore
  to   = module.docker.module.objectstore
}
