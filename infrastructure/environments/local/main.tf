module "instance" {
  source = "../../modules/instance"

  directory = var.instance_directory
  ports     = var.ports
}

module "docker" {
  source = "../../modules/docker"

  instance = module.instance
  network  = var.network

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
