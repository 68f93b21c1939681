# When RDS works on the database, in minutes. It refuses windows that are too short or overlap, but only in the middle of an apply.
locals {
  days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  # Begin and end since midnight, and since Monday's. What is no window at all is for its validation to refuse.
  backup = try([for time in split("-", var.backup_window) : tonumber(split(":", time)[0]) * 60 + tonumber(split(":", time)[1])], [0, 30])
  maintenance = try([
    for moment in split("-", var.maintenance_window) :
    index(local.days, split(":", moment)[0]) * 1440 + tonumber(split(":", moment)[1]) * 60 + tonumber(split(":", moment)[2])
  ], [60, 90])

  # Either may go on past midnight, or past Sunday.
  backup_length      = (local.backup[1] - local.backup[0] + 1440) % 1440
  maintenance_length = (local.maintenance[1] - local.maintenance[0] + 10080) % 10080

  # On some day the one begins while the other goes on.
  windows_overlap = anytrue(flatten([for day in range(7) : [
    (local.maintenance[0] - day * 1440 - local.backup[0] + 10080) % 10080 < local.backup_length,
    (day * 1440 + local.backup[0] - local.maintenance[0] + 10080) % 10080 < local.maintenance_length,
  ]]))
}
