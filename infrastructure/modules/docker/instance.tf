# What is taken of the instance file, and what it lacks.

locals {
  # Stand in for what is missing, so that what refuses the file is the only thing that fails.
  no_image = { reference = "none:none", version = "none", defaults = 1 }
  stand_in = "missing00000000000000000"

  chosen_images = { for row in values(local.services) : row.engine => row.settings.image if row.settings.image != null }

  images = {
    for engine in keys(merge(local.stores, local.chosen_images)) :
    engine => merge(
      lookup(var.instance.images, engine, local.no_image),
      [for reference in [lookup(local.chosen_images, engine, null)] : {
        reference = reference
        version   = try(regex(":([^:@/]+)(?:@.*)?$", reference)[0], "unknown")
      } if reference != null]...
    )
  }

  credentials = {
    for service, secrets in var.instance.credentials :
    service => { for key, secret in secrets : key => secret == null ? local.stand_in : secret }
  }

  missing = concat(
    nonsensitive(flatten([
      for service, secrets in var.instance.credentials :
      [for key, secret in secrets : "credentials.${service}_${key}" if secret == null && contains(keys(local.services), service)]
    ])),
    [for engine in keys(local.stores) : "images.${engine}" if !contains(keys(var.instance.images), engine)],
  )
}
