# A network for a cache, with security groups in the three ways the provider knows. terraform.scenario.ts applies it.

variable "port" { default = 6379 }
variable "retention_in_days" { default = 30 }
variable "team" { default = "red" }

provider "aws" {}

data "aws_availability_zones" "all" {
  state = "available"
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_vpc" "app" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "app", Team = var.team }
}

resource "aws_subnet" "private" {
  count             = 3
  vpc_id            = aws_vpc.app.id
  cidr_block        = cidrsubnet(aws_vpc.app.cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.all.names[count.index]
}

# Rules as resources of their own.
resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.app.id
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id = aws_security_group.app.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = var.port
  to_port           = var.port
  ip_protocol       = "tcp"
  tags              = { Team = var.team }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  security_group_id = aws_security_group.app.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# Rules inside the group.
resource "aws_security_group" "redis" {
  name        = "redis"
  description = "Redis"
  vpc_id      = aws_vpc.app.id
  tags        = { Team = var.team }

  ingress {
    description     = "from the application"
    from_port       = var.port
    to_port         = var.port
    protocol        = "tcp"
    security_groups = [aws_security_group.app.id]
  }

  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

# The oldest way.
resource "aws_security_group" "old" {
  name   = "old"
  vpc_id = aws_vpc.app.id
}

resource "aws_security_group_rule" "old" {
  type                     = "ingress"
  security_group_id        = aws_security_group.old.id
  source_security_group_id = aws_security_group.redis.id
  from_port                = 1
  to_port                  = 2
  protocol                 = "udp"
}

resource "aws_cloudwatch_log_group" "slow" {
  name              = "/elasticache/slow"
  retention_in_days = var.retention_in_days
  tags              = { Team = var.team }
}

resource "aws_elasticache_subnet_group" "cache" {
  name       = "cache"
  subnet_ids = aws_subnet.private[*].id
}

output "default_subnets" {
  value = length(data.aws_subnets.default.ids)
}
