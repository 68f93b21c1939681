locals {
  # The environment's own Postgres under another name, as on Docker.
  pgvector = [
    for postgres in module.postgres : {
      service = {
        engine    = "pgvector"
        version   = postgres.service.version
        host      = postgres.service.host
        port      = postgres.service.port
        grpc_port = null
        tls       = postgres.service.tls
        image     = null
        container = null
        volume    = null
        status    = postgres.service.status
        probe     = postgres.service.probe
      }
      env = {
        VECTORSTORE_ENGINE   = "pgvector"
        VECTORSTORE_URL      = postgres.env.DATABASE_URL
        VECTORSTORE_GRPC_URL = ""
        VECTORSTORE_API_KEY  = ""
        VECTORSTORE_AUTH     = postgres.env.DATABASE_AUTH
        VECTORSTORE_REGION   = ""
        VECTORSTORE_ROLE_ARN = ""
      }
    } if var.vectorstore.enabled && var.vectorstore.engine == "pgvector"
  ]

  running = merge(
    { for module in module.redis : "redis" => module },
    { for module in module.postgres : "postgres" => module },
    { for module in module.vectorstore : "vectorstore" => module },
    { for postgres in local.pgvector : "vectorstore" => postgres },
    { for module in module.objectstore : "objectstore" => module },
  )

  # A cache says nothing of who can reach it: that is for the network to know.
  reached = {
    for module in module.redis : "redis" => { probe = { protocol = "redis", port = module.service.port, path = null } } if local.reachable
  }

  # AWS has roles in place of keys. Empty and not absent, so that none of another environment's
  # stays behind in a shell.
  without_keys = { for name in ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] : name => "" if var.objectstore.enabled }

  env = {
    for name, value in merge(concat([for module in values(local.running) : module.env], [local.without_keys])...) :
    name => endswith(name, "_COMMAND") && value != "" ? "${local.emulator_command}${value}" : lookup(local.emulator_keys, name, value)
  }
}

output "services" {
  description = "The service contract: each service with its engine, version and address."
  value       = { for name, module in local.running : name => merge(module.service, try(local.reached[name], null)) }
}

output "env" {
  description = "Environment variables an application connects with; no secret is in it."
  value       = local.env
}

output "access" {
  description = "What an application's role and network need: the policy to attach, the security group to join, and where the connection details are published."
  value = merge(module.network.network, {
    policy_arn     = aws_iam_policy.application.arn
    parameter_path = var.parameter_path
  })
}
