# Cache clusters outside a replication group: Memcached with auto discovery, and a single Redis node.
# `terraform init && terraform apply` against Hotshelf after `eval "$(npx hotshelf env)"`; against AWS without it.

resource "aws_elasticache_cluster" "memcached" {
  cluster_id           = "sessions"
  engine               = "memcached"
  node_type            = "cache.t4g.micro"
  num_cache_nodes      = var.memcached_nodes
  az_mode              = "cross-az"
  parameter_group_name = aws_elasticache_parameter_group.memcached.name
  port                 = 11211
  apply_immediately    = true
}

resource "aws_elasticache_parameter_group" "memcached" {
  family = "memcached1.6"
  name   = "sessions-memcached16"

  # Bytes; an item larger than this is refused.
  parameter {
    name  = "max_item_size"
    value = "2097152"
  }
}

resource "aws_elasticache_cluster" "redis" {
  cluster_id               = "one"
  engine                   = "redis"
  engine_version           = "7.1"
  node_type                = var.redis_node_type
  num_cache_nodes          = 1
  parameter_group_name     = "default.redis7"
  port                     = 6379
  maintenance_window       = var.maintenance_window
  snapshot_retention_limit = 2
  apply_immediately        = true

  tags = { Environment = "production" }
}

output "memcached_configuration_endpoint" {
  value = aws_elasticache_cluster.memcached.configuration_endpoint
}

output "redis_endpoint" {
  value = "${aws_elasticache_cluster.redis.cache_nodes[0].address}:${aws_elasticache_cluster.redis.cache_nodes[0].port}"
}
