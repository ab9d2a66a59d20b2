"""Writes the keys that are named on standard input through redis-py, each until it is acknowledged."""
import sys
import time

from redis.cluster import RedisCluster

host, port = sys.argv[1:3]
client = RedisCluster(host=host, port=int(port))
print("ready", flush=True)
for line in sys.stdin:
    while True:
        try:
            client.set(line.strip(), "written")
            break
        except Exception:
            time.sleep(0.005)
    print("written", flush=True)
