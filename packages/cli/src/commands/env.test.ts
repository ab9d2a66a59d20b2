import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { dialect, exportsFor } from './env.ts'

const awkward = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566/it's $HOME `x`", AWS_SESSION_TOKEN: '' }

describe('exports', () => {
  it('survive a real shell, whatever is in them', () => {
    const script = `${exportsFor('sh', awkward)}\nprintf '%s|%s' "$AWS_ENDPOINT_URL" "\${AWS_SESSION_TOKEN-unset}"`
    const printed = execFileSync('sh', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, AWS_SESSION_TOKEN: 'real' },
    })
    expect(printed).toBe(`${awkward.AWS_ENDPOINT_URL}|unset`)
  })

  it('speak fish and PowerShell', () => {
    const plain = { AWS_REGION: 'us-east-1', AWS_SESSION_TOKEN: '' }
    expect(exportsFor('fish', plain)).toBe("set -gx AWS_REGION 'us-east-1';\nset -e AWS_SESSION_TOKEN;")
    expect(exportsFor('powershell', plain)).toBe(
      "$Env:AWS_REGION = 'us-east-1'\nRemove-Item Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue",
    )
  })

  it('are plain values in JSON', () => {
    expect(JSON.parse(exportsFor('json', { AWS_REGION: 'us-east-1', AWS_SESSION_TOKEN: '' }))).toEqual({
      AWS_REGION: 'us-east-1',
    })
  })

  it('take the shell from its path', () => {
    expect(['/usr/bin/fish', '/bin/zsh', 'pwsh', ''].map(dialect)).toEqual(['fish', 'sh', 'powershell', 'sh'])
  })
})
