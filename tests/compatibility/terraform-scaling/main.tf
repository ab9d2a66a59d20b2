terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "engine_version" {
  default = "7.0"
}

variable "node_type" {
  default = "cache.t4g.micro"
}

variable "encrypted" {
  default = false
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = "scaled"
  description                = "changes in place"
  engine                     = "redis"
  engine_version             = var.engine_version
  node_type                  = var.node_type
  num_cache_clusters         = 2
  parameter_group_name       = "default.redis7"
  apply_immediately          = true
  automatic_failover_enabled = true
  transit_encryption_enabled = var.encrypted
  transit_encryption_mode    = var.encrypted ? "preferred" : null

  lifecycle {
    ignore_changes = [num_cache_clusters]
  }
}

resource "aws_elasticache_cluster" "replica" {
  cluster_id           = "read-replica"
  replication_group_id = aws_elasticache_replication_group.this.id
  apply_immediately    = true

  tags = {
    Role = "reader"
  }
}
