terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "nodes" {
  default = 2
}

variable "node_type" {
  default = "cache.t4g.micro"
}

variable "window" {
  default = "sun:05:00-sun:06:00"
}

resource "aws_elasticache_cluster" "one" {
  cluster_id               = "one"
  engine                   = "redis"
  engine_version           = "7.1"
  node_type                = var.node_type
  num_cache_nodes          = 1
  parameter_group_name     = "default.redis7"
  port                     = 6379
  maintenance_window       = var.window
  snapshot_retention_limit = 2
  apply_immediately        = true

  tags = {
    Environment = "production"
  }
}

resource "aws_elasticache_cluster" "this" {
  cluster_id           = "sessions"
  engine               = "memcached"
  node_type            = "cache.t4g.micro"
  num_cache_nodes      = var.nodes
  az_mode              = "cross-az"
  parameter_group_name = "default.memcached1.6"
  port                 = 11211
  apply_immediately    = true
}
