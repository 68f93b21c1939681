data "aws_region" "this" {}

data "aws_availability_zones" "this" {
  count = local.make_vpc ? 1 : 0

  state = "available"

  # Without local zones, where the data services do not exist.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  make_vpc = var.existing_network == null

  # By number and not by zone: the list of zones differs from one account to the next.
  subnets = local.make_vpc ? { for index in range(var.zones) : tostring(index + 1) => index } : {}

  vpc_id     = local.make_vpc ? aws_vpc.this[0].id : data.aws_vpc.existing[0].id
  subnet_ids = local.make_vpc ? [for number in sort(keys(local.subnets)) : aws_subnet.private[number].id] : sort([for subnet in data.aws_subnet.existing : subnet.id])
  cidrs      = local.make_vpc ? [var.cidr] : [for block in data.aws_vpc.existing[0].cidr_block_associations : block.cidr_block]
}

resource "aws_vpc" "this" {
  count = local.make_vpc ? 1 : 0

  cidr_block = var.cidr

  # The endpoints of RDS, ElastiCache and OpenSearch are names, and so are those of interface endpoints.
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Emptied: a machine that somebody starts without naming a group reaches nothing.
resource "aws_default_security_group" "this" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-default-closed" }
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = data.aws_availability_zones.this[0].names[each.value]
  cidr_block              = cidrsubnet(var.cidr, 4, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-private-${each.key}" }

  lifecycle {
    # A region that gains or loses a zone must not move a subnet, databases and all.
    ignore_changes = [availability_zone]
  }
}

# No route but the VPC's own and the gateway endpoint's: nothing in these subnets reaches the
# internet, nor is reached from it.
resource "aws_route_table" "private" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[0].id
}

data "aws_vpc" "existing" {
  count = local.make_vpc ? 0 : 1

  id = var.existing_network.vpc_id

  lifecycle {
    postcondition {
      condition     = self.enable_dns_support && self.enable_dns_hostnames
      error_message = "${self.id} does not resolve the names of RDS, ElastiCache and OpenSearch: turn on enableDnsSupport and enableDnsHostnames for it."
    }
  }
}

data "aws_subnet" "existing" {
  for_each = try(var.existing_network.subnet_ids, toset([]))

  id = each.key

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.existing_network.vpc_id
      error_message = "${each.key} is a subnet of ${self.vpc_id}, and existing_network.vpc_id is ${var.existing_network.vpc_id}: name subnets of that VPC."
    }

    postcondition {
      condition     = !self.map_public_ip_on_launch
      error_message = "${each.key} gives public addresses to what starts in it: name private subnets in existing_network.subnet_ids."
    }
  }
}
