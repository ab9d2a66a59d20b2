/**
 * `hotshelf key create | list | revoke`: the access keys that API calls are signed with. Works directly on the store of a
 * data directory, whether or not its server runs: who may read that directory is the operator, and nobody else can make
 * a key. A running server follows at its next request.
 */
import { readFileSync } from 'node:fs'
import type { AccessKeyReport, AccessKeys, CreatedAccessKey } from '@hotshelf/server/access-keys'
import { Failed, usage } from '../failed.ts'
import { openOutput, type Output, paint, table } from '../output.ts'
import { type AddCommand, onStore, type StoreOptions, storeSources } from './command.ts'

export const keyCommand: AddCommand = program => {
  const key = program
    .command('key')
    .description('access keys of the API: once there is one, every call must be signed with one')
  onStore(key.command('create'))
    .description('make a key and print its secret, which is shown this once')
    .option('--user <name>', 'whose it is: the name in ARNs and in the audit trail', 'admin')
    .option(
      '--policy <file>',
      'what it may do, as JSON in the shape of an IAM policy; - is stdin (default: everything)',
    )
    .option('--read-only', 'it may only look: Describe*, List*, Get*, LookupEvents')
    .action(create)
  onStore(key.command('list')).description('show keys, whose they are and what they may do').action(list)
  onStore(key.command('revoke'))
    .description('end a key: from the next request on nothing signed with it is accepted')
    .argument('<id>', 'AKIA…')
    .option('--open-door', 'also the last key, after which every call is accepted without a signature')
    .action(revoke)
}

interface CreateOptions extends StoreOptions {
  readonly user: string
  readonly policy?: string
  readonly readOnly?: boolean
}

const services = ['elasticache', 'ec2', 'logs', 'sts', 'cloudtrail', 'kms', 'cloudwatch', 'sns', 'cloudformation']
const looking = ['Describe*', 'List*', 'Get*', 'LookupEvents']

const readOnly = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: services.flatMap(service => looking.map(action => `${service}:${action}`)),
    Resource: '*',
  },
}

async function create(options: CreateOptions): Promise<void> {
  if (options.readOnly && options.policy !== undefined) throw usage('Say either --policy or --read-only.', '')
  const policy = options.readOnly ? JSON.stringify(readOnly) : options.policy && readPolicyFile(options.policy)
  await withKeys(options, false, async (keys, output) => {
    const made = await keys.create({ userName: options.user, policy: policy || undefined })
    output.say(output.json ? JSON.stringify(made) : shown(made))
    output.note(paint('dim', `Kept in ${keys.dataDir}. From now on every call to its server must be signed.`))
  })
}

const shown = ({ accessKeyId, secretAccessKey }: CreatedAccessKey): string =>
  `export AWS_ACCESS_KEY_ID='${accessKeyId}'\nexport AWS_SECRET_ACCESS_KEY='${secretAccessKey}'`

function readPolicyFile(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw usage(`The policy ${path} cannot be read (${(error as Error).message}).`, '')
  }
}

const list = (options: StoreOptions): Promise<void> =>
  withKeys(options, true, async (keys, output) => {
    const found = await keys.list()
    if (output.json) return output.say(JSON.stringify(found))
    if (found.length === 0) return output.say('No key: every call is accepted without a signature.')
    output.say(table(['key', 'user', 'created', 'may'], found.map(row)))
  })

const row = ({ accessKeyId, userName, createdAt, policy }: AccessKeyReport): readonly string[] => [
  paint('bold', accessKeyId),
  userName,
  createdAt.replace(/\.\d+Z$/, 'Z'),
  policy ? policy.statements.map(said).join('; ') : 'everything',
]

type Statement = NonNullable<AccessKeyReport['policy']>['statements'][number]

const said = ({ effect, actions, otherActions, resources, otherResources }: Statement): string =>
  `${effect.toLowerCase()} ${otherActions ? 'all but ' : ''}${shortened(actions)} on ${otherResources ? 'all but ' : ''}${shortened(resources)}`

const shortened = (texts: readonly string[]): string =>
  texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ')

const revoke = (id: string, options: StoreOptions & { readonly openDoor?: boolean }): Promise<void> =>
  withKeys(options, true, async (keys, output) => {
    const done = await keys.revoke(id, options.openDoor ?? false)
    if (done === 'unknown')
      throw new Failed(`There is no key ${id}.`, '`hotshelf key list` shows those that there are.')
    if (done === 'the last') {
      throw new Failed(
        `${id} is the last key: without it every call would be accepted unsigned.`,
        'Create another first, or say that you want that with --open-door.',
      )
    }
    output.say(output.json ? JSON.stringify({ revoked: id }) : `${id} is revoked.`)
  })

async function withKeys(
  options: StoreOptions,
  mustExist: boolean,
  work: (keys: AccessKeys, output: Output) => Promise<void>,
): Promise<void> {
  const { openAccessKeys, CannotStart } = await import('@hotshelf/server/access-keys')
  try {
    const keys = await openAccessKeys(storeSources(options), mustExist)
    try {
      await work(keys, openOutput(options.json ?? false))
    } finally {
      await keys.close()
    }
  } catch (error) {
    if (error instanceof CannotStart) throw new Failed(error.message, '')
    throw error
  }
}
