/**
 * Commands that ElastiCache keeps from its customers. Source: "Restricted commands" in the user guide; the subcommands of
 * CLUSTER and ACL follow the guide's page for MemoryDB and its RBAC chapter ("does not support any of the other
 * write-based ACL commands").
 */

/** In the order of the user guide; the last two are not on its list but would hand the process to a customer. */
export const restrictedCommands = [
  'bgrewriteaof',
  'bgsave',
  'config',
  'debug',
  'migrate',
  'replicaof',
  'save',
  'slaveof',
  'shutdown',
  'failover',
  'module',
] as const

/** Engines send these to each other. */
export const restrictedReplication = ['sync', 'psync'] as const

export const restrictedSubcommands = {
  acl: ['deluser', 'dryrun', 'getuser', 'list', 'load', 'log', 'save', 'setuser', 'users'],
  cluster: [
    'addslots',
    'addslotsrange',
    'bumpepoch',
    'delslots',
    'delslotsrange',
    'failover',
    'flushslots',
    'forget',
    'meet',
    'replicate',
    'reset',
    'saveconfig',
    'set-config-epoch',
    'setslot',
  ],
} as const

const restricted: ReadonlySet<string> = new Set([
  ...restrictedCommands,
  ...restrictedReplication,
  ...Object.entries(restrictedSubcommands).flatMap(([command, names]) => names.map(name => `${command}|${name}`)),
])

/** `config`, `config|get`, `cluster|meet`, in lower case. */
export const isRestrictedCommand = (name: string): boolean =>
  restricted.has(name) || restricted.has(name.split('|')[0] ?? '')
