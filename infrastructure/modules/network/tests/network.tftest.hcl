mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:flow" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
  }
  # A VPC and subnets that will do; each subnet has a zone of its own.
  mock_data "aws_vpc" {
    defaults = {
      enable_dns_support      = true
      enable_dns_hostnames    = true
      cidr_block_associations = [{ association_id = "a", cidr_block = "10.9.0.0/16", state = "associated" }, { association_id = "b", cidr_block = "10.10.0.0/16", state = "associated" }]
    }
  }
  mock_data "aws_subnet" {
    defaults = { vpc_id = "vpc-0a1b", map_public_ip_on_launch = false }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name = "tracker-aws"
}

run "makes_private_subnets_in_two_zones" {
  command = apply

  assert {
    condition     = { for number, subnet in aws_subnet.private : number => "${subnet.availability_zone} ${subnet.cidr_block}" } == { 1 = "eu-central-1a 10.40.0.0/20", 2 = "eu-central-1b 10.40.16.0/20" }
    error_message = "the subnets are elsewhere"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.private : !subnet.map_public_ip_on_launch]) && length(aws_route_table.private[0].route) == 0
    error_message = "a subnet is public"
  }

  assert {
    condition     = aws_vpc.this[0].enable_dns_support && aws_vpc.this[0].enable_dns_hostnames && length(aws_default_security_group.this[0].ingress) == 0 && length(aws_default_security_group.this[0].egress) == 0
    error_message = "names do not resolve, or the default security group lets something through"
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.eu-central-1.s3" && aws_vpc_endpoint.s3[0].route_table_ids == toset([aws_route_table.private[0].id])
    error_message = "no gateway endpoint for S3"
  }

  assert {
    condition = alltrue(concat(
      [for rule in aws_vpc_security_group_egress_rule.client : rule.cidr_ipv4 == "10.40.0.0/16" && rule.from_port == rule.to_port],
      [toset([for rule in aws_vpc_security_group_egress_rule.client : rule.from_port]) == toset([443, 5432, 6379])],
      [aws_vpc_security_group_egress_rule.client_s3[0].prefix_list_id == aws_vpc_endpoint.s3[0].prefix_list_id],
    ))
    error_message = "clients may go where no service is"
  }

  assert {
    condition     = output.network == { vpc_id = aws_vpc.this[0].id, subnet_ids = tolist([aws_subnet.private["1"].id, aws_subnet.private["2"].id]), client_security_group_id = aws_security_group.client[0].id }
    error_message = "the output"
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && length(aws_security_group.endpoints) == 0 && length(aws_flow_log.this) == 0
    error_message = "something that costs was not asked for"
  }
}

run "leaves_a_subnet_where_it_is_when_the_zones_change" {
  command = plan

  override_data {
    target = data.aws_availability_zones.this
    values = { names = ["eu-central-1b", "eu-central-1c"] }
  }

  assert {
    condition     = aws_subnet.private["1"].availability_zone == "eu-central-1a"
    error_message = "a subnet would be replaced, and with it what is in it"
  }
}

run "makes_endpoints_flow_logs_and_a_third_zone_on_request" {
  command = apply

  variables {
    name                = "${join("", [for i in range(12) : "abcdefgh"])}-aws"
    cidr                = "10.1.0.0/24"
    zones               = 3
    interface_endpoints = ["secretsmanager", "ecr.api"]
    flow_logs           = { enabled = true }
    kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = [for number in ["1", "2", "3"] : aws_subnet.private[number].cidr_block] == ["10.1.0.0/28", "10.1.0.16/28", "10.1.0.32/28"]
    error_message = "the subnets of a small VPC"
  }

  assert {
    condition     = aws_vpc_endpoint.interface["ecr.api"].service_name == "com.amazonaws.eu-central-1.ecr.api" && alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled && length(endpoint.subnet_ids) == 3 && endpoint.security_group_ids == toset([aws_security_group.endpoints[0].id])])
    error_message = "the interface endpoints"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].referenced_security_group_id == aws_security_group.client[0].id && aws_vpc_security_group_ingress_rule.endpoints[0].to_port == 443
    error_message = "others than clients reach the endpoints"
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow[0].retention_in_days == 30 && aws_cloudwatch_log_group.flow[0].kms_key_id == var.kms_key_arn
    error_message = "the flow logs"
  }

  assert {
    condition     = one(data.aws_iam_policy_document.flow_assume[0].statement[0].condition).values == tolist(["123456789012"])
    error_message = "another account's VPC may take the role"
  }

  assert {
    condition     = length(aws_iam_role.flow[0].name) <= 64 && endswith(aws_iam_role.flow[0].name, "-${substr(sha256(var.name), 0, 8)}-flow-logs")
    error_message = "the role's name is too long for IAM, or not its own"
  }
}

run "joins_a_vpc_that_is_there" {
  command   = apply
  state_key = "existing"

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"], s3_route_table_ids = ["rtb-0a"] }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.private) + length(aws_route_table.private) + length(aws_default_security_group.this) == 0
    error_message = "it touches a network that is not ours"
  }

  assert {
    condition     = output.network == { vpc_id = "vpc-0a1b", subnet_ids = tolist(["subnet-0a", "subnet-0b"]), client_security_group_id = aws_security_group.client[0].id }
    error_message = "the output"
  }

  assert {
    condition     = aws_security_group.client[0].vpc_id == "vpc-0a1b" && toset([for rule in aws_vpc_security_group_egress_rule.client : rule.cidr_ipv4]) == toset(["10.9.0.0/16", "10.10.0.0/16"])
    error_message = "clients do not reach the whole VPC"
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].route_table_ids == toset(["rtb-0a"])
    error_message = "the gateway endpoint"
  }
}

run "makes_nothing_where_everything_is_there" {
  command   = plan
  state_key = "existing_group"

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"], client_security_group_id = "sg-0a" }
  }

  assert {
    condition     = output.network.client_security_group_id == "sg-0a" && length(aws_security_group.client) + length(aws_vpc_security_group_egress_rule.client) + length(aws_vpc_security_group_egress_rule.client_s3) + length(aws_vpc_endpoint.s3) == 0
    error_message = "it changes a security group that is not ours"
  }
}

run "refuses_subnets_that_will_not_do" {
  command         = plan
  state_key       = "unfit"
  expect_failures = [data.aws_vpc.existing, data.aws_subnet.existing]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"] }
  }

  override_data {
    target = data.aws_vpc.existing[0]
    values = { id = "vpc-0a1b", arn = "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0a1b", enable_dns_support = true, enable_dns_hostnames = false, cidr_block_associations = [] }
  }
  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { id = "subnet-0a", vpc_id = "vpc-ffff", availability_zone = "eu-central-1a", map_public_ip_on_launch = false }
  }
  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { id = "subnet-0b", vpc_id = "vpc-0a1b", availability_zone = "eu-central-1b", map_public_ip_on_launch = true }
  }
}

run "refuses_subnets_of_one_zone" {
  command         = plan
  state_key       = "one_zone"
  expect_failures = [output.network]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"] }
  }

  override_data {
    target = data.aws_vpc.existing[0]
    values = { id = "vpc-0a1b", arn = "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0a1b", enable_dns_support = true, enable_dns_hostnames = true, cidr_block_associations = [] }
  }
  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { id = "subnet-0a", vpc_id = "vpc-0a1b", availability_zone = "eu-central-1a", map_public_ip_on_launch = false }
  }
  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { id = "subnet-0b", vpc_id = "vpc-0a1b", availability_zone = "eu-central-1a", map_public_ip_on_launch = false }
  }
}

run "refuses_what_aws_would" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.name, var.cidr, var.zones, var.interface_endpoints, var.flow_logs]

  variables {
    name                = "Tracker"
    cidr                = "10.40.1.0/16"
    zones               = 1
    interface_endpoints = ["https://ssm.eu-central-1.amazonaws.com"]
    flow_logs           = { enabled = true, retention_days = 31 }
  }
}

run "refuses_a_network_too_small_to_divide" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.cidr, var.interface_endpoints]

  variables {
    cidr                = "10.40.0.0/25"
    interface_endpoints = ["s3"]
  }
}

run "refuses_what_is_no_vpc" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.existing_network]

  variables {
    existing_network = { vpc_id = "10.40.0.0/16", subnet_ids = ["subnet-0a", "subnet-0b"] }
  }
}

run "refuses_a_single_subnet" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.existing_network]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a"] }
  }
}

run "refuses_what_is_no_security_group" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.existing_network]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"], client_security_group_id = "clients" }
  }
}

run "refuses_what_is_no_route_table" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.existing_network]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"], s3_route_table_ids = ["main"] }
  }
}

run "refuses_flow_logs_of_a_vpc_that_is_not_ours" {
  command         = plan
  state_key       = "refused"
  expect_failures = [var.flow_logs]

  variables {
    existing_network = { vpc_id = "vpc-0a1b", subnet_ids = ["subnet-0a", "subnet-0b"] }
    flow_logs        = { enabled = true }
  }
}
