/** docs/rules.md: every rule of control in its order, with its caption, straight from the lists that plans are made of. */
import { replicationGroupRules } from '../../packages/control/dist/index.js'

const title = 'What control does, in order'
const introduction = `A turn looks at the world and asks these rules, one after the other. The first that has something to do decides the
next step; when none has, the resource is as it should be. The order is the safety argument.`

export const rulesPage = () => ({
  path: 'docs/rules.md',
  text: [`# ${title}`, '', introduction, '', ...listOf('Replication group', replicationGroupRules)].join('\n'),
})

/** `startMissingNodes` reads as `start missing nodes`. */
const words = name => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

const listOf = (resource, rules) => [
  `## ${resource}`,
  '',
  '| | rule | what it is for |',
  '|--:|---|---|',
  ...rules.map(({ rule, caption }, index) => `| ${index + 1} | ${words(rule.name)} | ${caption} |`),
  '',
]
