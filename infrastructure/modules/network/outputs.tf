output "network" {
  description = "Where the data services go and who may reach them: what each module of one takes as `network`."
  value = {
    vpc_id                   = local.vpc_id
    subnet_ids               = local.subnet_ids
    client_security_group_id = local.client_security_group_id
  }

  precondition {
    condition     = local.make_vpc || length(distinct([for subnet in data.aws_subnet.existing : subnet.availability_zone])) >= 2
    error_message = "the subnets of existing_network are all in one zone: name subnets in two zones or more, RDS and ElastiCache need them to fail over to."
  }
}

output "arns" {
  description = "What a policy about the network has to name."
  value = merge(
    local.make_vpc ? { vpc = aws_vpc.this[0].arn } : { vpc = data.aws_vpc.existing[0].arn },
    { for service, endpoint in aws_vpc_endpoint.interface : "endpoint_${service}" => endpoint.arn },
  )
}
