/** Which Python modules are here: the tests speak to caches as Python programs do. */
import { spawnSync } from 'node:child_process'

/** Debian's own Python sees Debian's packages even where another python3 comes first on PATH. */
export const pythons = ['python3', '/usr/bin/python3']

/** Debian packages, and the module that each brings. */
export const pythonModules = { 'python3-redis': 'redis', 'python3-pymemcache': 'pymemcache' }

export const hasPythonModule = module =>
  pythons.some(python => spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0)
