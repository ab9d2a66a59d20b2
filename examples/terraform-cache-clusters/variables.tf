terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = var.aws_region
}

variable "aws_region" {
  type    = string
  default = "us-east-1"
}

variable "memcached_nodes" {
  type        = number
  default     = 2
  description = "1 to 40. Nodes are added and removed in place; the auto-discovery endpoint tells clients."
}

variable "redis_node_type" {
  type    = string
  default = "cache.t4g.micro"
}

variable "maintenance_window" {
  type    = string
  default = "sun:05:00-sun:06:00"
}
