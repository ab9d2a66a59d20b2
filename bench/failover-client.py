"""Writes the keys that are named on standard input through redis-py, each until it is acknowledged."""
import logging
import sys
import time

from redis.cluster import RedisCluster

# Every broken connection would be written out with its traceback.
logging.disable(logging.CRITICAL)
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
