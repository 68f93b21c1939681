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
