import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const hook = new URL('../dist/crash-hook.js', import.meta.url).href

/** Runs the built hook in a process that may die of it. */
function run(crashAfter: string) {
  const source = `
    import { crashAfter } from ${JSON.stringify(hook)}
    const onEffect = crashAfter(${crashAfter})
    for (const effect of ['a', 'b', 'c']) { process.stdout.write(effect); onEffect(effect) }`
  const { stdout, signal, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  })
  return { stdout, signal, status }
}

describe('the crash hook', () => {
  it('kills its process right after the effect it was given, and asks nobody', () => {
    expect(run('2')).toEqual({ stdout: 'ab', signal: 'SIGKILL', status: null })
  })

  it('does nothing where nobody asked for a crash', () => {
    expect(run('undefined')).toEqual({ stdout: 'abc', signal: null, status: 0 })
  })
})
