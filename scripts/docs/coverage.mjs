/**
 * docs/coverage.md: every operation of every service mounted, whether it is built, and whether a test calls it.
 * Read from the tables that the server mounts and the models they serve; "tested" means that some test names the
 * operation as the SDK (`CreateReplicationGroupCommand`), the aws command (`create-replication-group`) or boto3
 * (`create_replication_group`) do.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountedServices } from '../../packages/services/dist/index.js'
import { root } from '../run-step.mjs'

export async function coveragePage() {
  const tests = testSources()
  const services = await Promise.all(mountedServices.map(service => coverageOf(service, tests)))
  const lines = services.flatMap(sectionOf)
  const text = ['# Coverage of the AWS API', '', introduction, '', ...summaryOf(services), ...lines].join('\n')
  return { path: 'docs/coverage.md', text }
}

const introduction = `Written from the operation tables by \`npm run docs\`. An operation that is not built answers \`InvalidAction\` with HTTP
400. "Tested" means that a test calls it through the AWS SDK, the \`aws\` command or boto3.`

async function coverageOf({ model, operations }, tests) {
  const { operations: known } = await model.load()
  const rows = [...known.keys()].sort().map(name => ({
    name,
    built: operations[name] !== undefined,
    tested: spellings(name).some(spelling => spelling.test(tests)),
  }))
  return { service: model.signingName, rows }
}

const spellings = name => {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(' ')
    .map(part => part.toLowerCase())
  return [`${name}Command`, parts.join('-'), parts.join('_')].map(text => new RegExp(`\\b${text}\\b`))
}

const count = (rows, what) => rows.filter(row => row[what]).length

const summaryOf = services => [
  '| service | operations | built | tested |',
  '|---|--:|--:|--:|',
  ...services.map(
    ({ service, rows }) =>
      `| ${service} | ${rows.length} | ${count(rows, 'built')} | ${count(builtRows(rows), 'tested')} |`,
  ),
  '',
]

const builtRows = rows => rows.filter(row => row.built)

const sectionOf = ({ service, rows }) => [
  `## ${service}`,
  '',
  ...(builtRows(rows).length > 0
    ? [
        '| operation | tested |',
        '|---|---|',
        ...builtRows(rows).map(({ name, tested }) => `| ${name} | ${tested ? 'yes' : 'no'} |`),
        '',
      ]
    : []),
  ...unbuilt(rows.filter(row => !row.built)),
]

/** Of a service as large as EC2 only what is built is of interest. */
const mostNamed = 150

function unbuilt(rows) {
  if (rows.length === 0) return []
  if (rows.length > mostNamed) return [`Not built: the other ${rows.length}.`, '']
  return [`Not built: ${rows.map(({ name }) => name).join(', ')}.`, '']
}

/** The text of every test of services, and of the tests beside the packages. */
function testSources() {
  const files = ['packages/services', 'packages/cli', 'tests'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        entry => entry.isFile() && !entry.parentPath.includes('node_modules') && !entry.parentPath.includes('/dist'),
      )
      .filter(({ name }) => /\.(test|scenario)\.ts$|\.py$|\.tf$/.test(name))
      .map(entry => join(entry.parentPath, entry.name)),
  )
  return files
    .sort()
    .map(file => readFileSync(file, 'utf8'))
    .join('\n')
}
