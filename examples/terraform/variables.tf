terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "environment" {
  type    = string
  default = "production"
}

variable "vpc_id" {
  description = "VPC of the security group: `aws ec2 describe-vpcs`."
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets the nodes are spread over: `aws ec2 describe-subnets`."
  type        = list(string)
}

variable "app_security_group_id" {
  description = "Security group of the servers that may connect."
  type        = string
}

variable "redis_node_type" {
  type    = string
  default = "cache.r7g.large"
}

variable "num_shards" {
  type    = number
  default = 3
}

variable "replicas_per_shard" {
  type    = number
  default = 2
}
