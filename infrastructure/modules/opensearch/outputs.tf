locals {
  # AWS names a host; an emulator adds the port where it listens.
  endpoint = split(":", aws_opensearch_domain.this.endpoint)
}

output "service" {
  description = "The service contract: what it is and where it answers. It is asked by nobody from outside the VPC, so it has no probe."
  value = {
    engine    = "opensearch"
    version   = trimprefix(aws_opensearch_domain.this.engine_version, "OpenSearch_")
    host      = local.endpoint[0]
    port      = try(tonumber(local.endpoint[1]), 443)
    grpc_port = null
    tls       = true
    image     = null
    container = null
    volume    = null
    probe     = null
    status    = null
  }
}

output "env" {
  description = "What an application connects with: requests are signed (SigV4, service `es`) as VECTORSTORE_ROLE_ARN, or as a role that its holder has mapped. The API key and the gRPC address are empty, so that none of another engine stays behind."
  value = {
    VECTORSTORE_ENGINE   = "opensearch"
    VECTORSTORE_URL      = "https://${aws_opensearch_domain.this.endpoint}"
    VECTORSTORE_GRPC_URL = ""
    VECTORSTORE_API_KEY  = ""
    VECTORSTORE_AUTH     = "iam"
    VECTORSTORE_REGION   = data.aws_region.this.name
    VECTORSTORE_ROLE_ARN = local.master_role
  }
}

output "arns" {
  description = "What a policy needs: `es:ESHttp*` on DOMAIN/*, and `sts:AssumeRole` on the master for those who act as it."
  value = {
    domain = aws_opensearch_domain.this.arn
    master = local.master_role
  }
}

output "security_group_id" {
  description = "The security group of the nodes."
  value       = aws_security_group.this.id
}
