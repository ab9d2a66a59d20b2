/** Which thing an id of a tag call names, and where its tags are kept. */
import type { Arn, Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { type IdKind, kindOf, notFound } from '../refusals.ts'
import { ruleArn } from '../security-group/rule.ts'
import { securityGroups } from '../security-group/security-group.ts'
import { subnets } from '../subnet/subnet.ts'
import { vpcs } from '../vpc/vpc.ts'

export interface Tagged {
  readonly id: string
  readonly type: IdKind
  readonly arn: Arn
}

/** Everything of this service that can have tags. */
export async function listTagged(store: Store, scope: Scope): Promise<readonly Tagged[]> {
  const [networks, parts, groups] = await Promise.all([
    vpcs(store).list(scope),
    subnets(store).list(scope),
    securityGroups(store).list(scope),
  ])
  const of = (type: IdKind) => (row: { readonly name: string; readonly arn: Arn }) => ({
    id: row.name,
    type,
    arn: row.arn,
  })
  return [
    ...networks.map(of('vpc')),
    ...parts.map(of('subnet')),
    ...groups.map(of('security-group')),
    ...groups.flatMap(({ desired }) =>
      desired.rules.map(({ id }) => ({ id, type: 'security-group-rule' as const, arn: ruleArn(scope, id) })),
    ),
  ]
}

export async function requireTagged(store: Store, scope: Scope, ids: readonly string[]): Promise<readonly Tagged[]> {
  const all = new Map((await listTagged(store, scope)).map(tagged => [tagged.id, tagged]))
  return ids.map(id => {
    const found = all.get(id)
    if (found) return found
    const kind = kindOf(id)
    throw kind ? notFound(kind, [id]) : wireFault('InvalidID', `The ID '${id}' is not valid`)
  })
}
