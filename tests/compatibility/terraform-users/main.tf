terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

variable "reader_access" {
  type    = string
  default = "on ~app:* +get +mget +hget +hgetall -@write"
}

variable "reader_password" {
  type    = string
  default = "ReadOnlyPassword123!"
}

variable "writers" {
  type    = number
  default = 1
}

resource "aws_elasticache_user" "default" {
  user_id       = "quiet-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"
  authentication_mode {
    type = "no-password-required"
  }
}

resource "aws_elasticache_user" "reader" {
  user_id       = "app-readonly"
  user_name     = "app-readonly"
  engine        = "redis"
  access_string = var.reader_access
  passwords     = [var.reader_password]
  tags = {
    team = "cache"
  }
}

resource "aws_elasticache_user" "writer" {
  user_id       = "Writer"
  user_name     = "writer"
  engine        = "REDIS"
  access_string = "on ~app:* resetchannels -@all +@write +@read"
  authentication_mode {
    type      = "password"
    passwords = ["FirstPassword123!", "SecondPassword123!"]
  }
}

resource "aws_elasticache_user_group" "app" {
  user_group_id = "app-users"
  engine        = "redis"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.reader.user_id]
  lifecycle {
    ignore_changes = [user_ids]
  }
}

resource "aws_elasticache_user_group_association" "writer" {
  count         = var.writers
  user_group_id = aws_elasticache_user_group.app.user_group_id
  user_id       = aws_elasticache_user.writer.user_id
}

resource "aws_elasticache_replication_group" "cache" {
  replication_group_id       = "guarded"
  description                = "guarded by users"
  engine                     = "redis"
  engine_version             = "7.1"
  parameter_group_name       = "default.redis7"
  node_type                  = "cache.t4g.micro"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group.app.user_group_id]
}

output "primary" {
  value = aws_elasticache_replication_group.cache.primary_endpoint_address
}
