terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "snapshot_name" {
  type    = string
  default = null
}

variable "last" {
  default = "last-of-first"
}

variable "retention" {
  default = 3
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = "orders"
  description                = "Snapshots"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "cache.t4g.micro"
  num_node_groups            = 2
  replicas_per_node_group    = 0
  automatic_failover_enabled = true
  snapshot_retention_limit   = var.retention
  snapshot_window            = "03:00-05:00"
  snapshot_name              = var.snapshot_name
  final_snapshot_identifier  = var.last
  apply_immediately          = true
}
