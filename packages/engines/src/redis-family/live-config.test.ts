import { describe, expect, it } from 'vitest'
import { mergeDirectives, needsRestart } from './live-config.ts'

describe('directives on a running node', () => {
  it('name each directive once: the last wins, and limits per kind of client add up', () => {
    expect(
      mergeDirectives([
        { name: 'timeout', value: '1' },
        { name: 'client-output-buffer-limit', value: 'normal 0 0 0' },
        { name: 'timeout', value: '2' },
        { name: 'client-output-buffer-limit', value: 'pubsub 1 2 3' },
      ]),
    ).toEqual([
      { name: 'timeout', value: '2' },
      { name: 'client-output-buffer-limit', value: 'normal 0 0 0 pubsub 1 2 3' },
    ])
  })

  it('say which of them only a new process will obey', () => {
    expect(
      ['databases', 'io-threads', 'rename-command', 'Cluster-Enabled'].filter(name => !needsRestart(name)),
    ).toEqual([])
    expect(['maxmemory', 'timeout', 'tls-cert-file', 'bind'].filter(needsRestart)).toEqual([])
  })
})
