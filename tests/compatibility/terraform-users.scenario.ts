/**
 * Users, their group, an association and the cache that has them, by the real provider (aws_elasticache_user,
 * aws_elasticache_user_group, aws_elasticache_user_group_association): applied, edited and destroyed, and every plan after an
 * apply is empty. The provider waits 30 s before it looks at a group; most of this test's time is that.
 */
import { fileURLToPath } from 'node:url'
import {
  dispose,
  eventually,
  type Hotshelf,
  RespClient,
  startHotshelf,
  type Terraform,
  terraformMissing,
  terraformOn,
} from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const template = fileURLToPath(new URL('./terraform-users', import.meta.url))
const missing = terraformMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

let hotshelf: Hotshelf
let terraform: Terraform
let authority: string

async function succeeds(...words: string[]): Promise<string> {
  const { code, output } = await terraform.run(...words)
  expect(code, output).toBe(0)
  return output
}

beforeAll(async () => {
  if (missing !== undefined) return
  hotshelf = await startHotshelf()
  terraform = terraformOn(template, hotshelf.endpoint)
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
}, 120_000)

afterAll(async () => {
  if (missing !== undefined) return
  terraform.dispose()
  await dispose(hotshelf)
})

async function login(name: string, password: string): Promise<{ client: RespClient; answer: string }> {
  const host = JSON.parse(await succeeds('output', '-json', 'primary')) as string
  const client = await RespClient.connect({ host, port: 6379, authority })
  return { client, answer: await client.text('AUTH', name, password) }
}

describe.skipIf(missing !== undefined)(
  'users of Terraform (needs `terraform` and a local mirror of the AWS provider)',
  () => {
    it('are made with their group and cache, and may log in', { timeout: 900_000 }, async () => {
      await succeeds('init')
      expect(await succeeds('apply', '-auto-approve')).toMatch(/6 added, 0 changed, 0 destroyed/)
      await succeeds('plan', '-detailed-exitcode')
      const { client, answer } = await login('writer', 'SecondPassword123!')
      expect(answer).toBe('OK')
      expect(await client.text('SET', 'app:1', 'value')).toBe('OK')
      const reader = await login('app-readonly', 'ReadOnlyPassword123!')
      expect(await reader.client.text('GET', 'app:1')).toBe('value')
      expect(await reader.client.text('SET', 'app:1', 'x')).toMatch(/^NOPERM/)
    })

    it('change in place, what they may do, their passwords and who is in the group', { timeout: 900_000 }, async () => {
      const { client: writer } = await login('writer', 'SecondPassword123!')
      const edit = [
        '-var',
        'reader_access=on ~app:* +@read',
        '-var',
        'reader_password=AnotherPassword456!',
        '-var',
        'writers=0',
      ]
      expect(await succeeds('apply', '-auto-approve', ...edit)).toMatch(/0 added, 1 changed, 1 destroyed/)
      await succeeds('plan', '-detailed-exitcode', ...edit)
      await eventually(
        async () => writer.closed,
        closed => closed,
      )
      expect((await login('app-readonly', 'ReadOnlyPassword123!')).answer).toMatch(/^WRONGPASS/)
      const { client, answer } = await login('app-readonly', 'AnotherPassword456!')
      expect(answer).toBe('OK')
      expect(await client.text('STRLEN', 'app:1')).toBe('5')
    })

    it('are destroyed, the cache first', { timeout: 900_000 }, async () => {
      expect(await succeeds('destroy', '-auto-approve')).toMatch(/5 destroyed/)
      expect((await succeeds('state', 'list')).trim()).toBe('')
    })
  },
)
