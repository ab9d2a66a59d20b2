/** Whether a Python with redis-py is here: the tests speak to clusters as Python programs do. */
import { spawnSync } from 'node:child_process'

/** Debian's own Python sees Debian's packages even where another python3 comes first on PATH. */
export const pythons = ['python3', '/usr/bin/python3']

export const hasRedisPy = () =>
  pythons.some(python => spawnSync(python, ['-c', 'import redis'], { stdio: 'ignore' }).status === 0)
