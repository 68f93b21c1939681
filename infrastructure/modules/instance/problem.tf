# What is wrong with the file. Which credentials and images there have to be is for the module to say that
# takes them.

locals {
  needed = concat(["project", "environment", "instance"], var.target == "aws" ? ["allowed_account_ids"] : ["owner", "ports"])

  missing = [for name in local.needed : name if !can(local.json[name])]

  bad_ports = [
    for name, port in try({ for name, port in local.content.ports : name => port }, {}) : "ports.${name}"
    if !try(tonumber(port) >= 1 && tonumber(port) <= 65535 && floor(tonumber(port)) == tonumber(port), false)
  ]

  # The first of these that is so.
  problems = [
    fileexists(local.path) ? "" :
    "no instance file ${local.file}: run `${local.command}`, which writes it.",

    can(keys(local.json)) ? "" :
    "the instance file ${local.file} is not a JSON object: put it right, or move it away and run `${local.command}`.",

    try(local.content.format, 0) == 1 ? "" :
    "the instance file ${local.file} is not of format 1: move it away and run `${local.command}`.",

    length(local.missing) == 0 ? "" :
    "the instance file ${local.file} lacks ${join(", ", local.missing)}: run `${local.command}`, which adds what is missing.",

    length(local.bad_ports) == 0 ? "" :
    "the instance file ${local.file} has no port number from 1 to 65535 in ${join(", ", local.bad_ports)}: write one, or remove the line and run `${local.command}`.",

    try(local.content.environment == local.environment && local.content.instance == terraform.workspace, false) ? "" :
    "the instance file ${local.file} is of environment `${try(tostring(local.content.environment), "")}`, instance `${try(tostring(local.content.instance), "")}`, and this is environment `${local.environment}`, workspace `${terraform.workspace}`: remove the copy and run `${local.command}`.",

    !local.emulated || can(regex("^http://[^/:]+:[0-9]+$", local.content.emulator.endpoint)) ? "" :
    "the instance file ${local.file} has an emulator without an `endpoint` such as \"http://127.0.0.1:4566\": move it away and run `${local.command} --emulated`.",
  ]
  problem = try([for problem in local.problems : problem if problem != ""][0], "")
}
