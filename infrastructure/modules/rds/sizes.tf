# What `size` stands for. Each value has a variable of the same name that goes before it.
# No I/O rate: gp3 gives 3,000 operations a second to a volume below 400 GiB and 12,000 from there on.
locals {
  sizes = {
    small = {
      instance_class        = "db.t4g.small"
      storage_gb            = 20
      max_storage_gb        = 100
      multi_az              = false
      backup_retention_days = 7
      monitoring_seconds    = 0
    }
    medium = {
      instance_class        = "db.m7g.large"
      storage_gb            = 100
      max_storage_gb        = 500
      multi_az              = true
      backup_retention_days = 14
      monitoring_seconds    = 60
    }
    large = {
      instance_class        = "db.r7g.xlarge"
      storage_gb            = 400
      max_storage_gb        = 2000
      multi_az              = true
      backup_retention_days = 35
      monitoring_seconds    = 30
    }
  }

  chosen = local.sizes[var.size]

  instance_class        = coalesce(var.instance_class, local.chosen.instance_class)
  storage_gb            = coalesce(var.storage_gb, local.chosen.storage_gb)
  max_storage_gb        = coalesce(var.max_storage_gb, local.chosen.max_storage_gb)
  multi_az              = coalesce(var.multi_az, local.chosen.multi_az)
  backup_retention_days = coalesce(var.backup_retention_days, local.chosen.backup_retention_days)
  monitoring_seconds    = coalesce(var.monitoring_seconds, local.chosen.monitoring_seconds)
}
