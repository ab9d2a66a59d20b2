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
