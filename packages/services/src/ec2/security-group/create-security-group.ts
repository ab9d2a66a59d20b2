/** Makes a security group that lets all traffic out and none in. Its name is unique within its VPC. */
import type { Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { ec2Arn, newId } from '../ids.ts'
import type { Operation } from '../operation.ts'
import { invalidValue, missing } from '../refusals.ts'
import { readSpecifications, renderTags } from '../tag/tags.ts'
import { findDefaultVpc, networkScope, requireVpc, type VpcRow } from '../vpc/vpc.ts'
import { allowAllEgress, newRule, type SecurityGroupDesired } from './rule.ts'
import { securityGroups } from './security-group.ts'

export const createSecurityGroup: Operation<'CreateSecurityGroup'> = async (input, call) => {
  const scope = await networkScope(call)
  const groupName = readName(input.GroupName)
  const description = readGroupDescription(input.Description)
  const tags = readSpecifications(input.TagSpecifications, 'security-group')
  return call.store.transaction(async store => {
    const vpc = await vpcFor(store, scope, input.VpcId)
    await requireFreeName(store, scope, groupName, vpc)
    const id = newId('sg')
    const arn = ec2Arn(scope, 'security-group', id)
    const rules = [newRule(allowAllEgress)]
    const desired: SecurityGroupDesired = { id, groupName, description, vpcId: vpc.name, rules }
    await securityGroups(store).insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
    await store.tags.set(arn, tags)
    return { GroupId: id, SecurityGroupArn: arn, Tags: renderTags(tags) }
  })
}

async function vpcFor(store: Store, scope: Scope, id: string | undefined): Promise<VpcRow> {
  if (id !== undefined) return requireVpc(store, scope, id)
  const vpc = await findDefaultVpc(store, scope)
  if (!vpc) throw wireFault('VPCIdNotSpecified', 'No default VPC for this user')
  return vpc
}

async function requireFreeName(store: Store, scope: Scope, name: string, vpc: VpcRow): Promise<void> {
  const groups = await securityGroups(store).list(scope)
  if (groups.some(({ desired }) => desired.vpcId === vpc.name && desired.groupName === name)) {
    throw wireFault('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc.name}'`)
  }
}

/** What EC2 lets into names and descriptions of groups in a VPC. */
const allowed = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/

function readName(name: string | undefined): string {
  const given = name?.trim() ?? ''
  if (given === '') throw missing('GroupName')
  if (given.startsWith('sg-')) throw invalidValue(`Invalid group name '${given}': it must not begin with 'sg-'`)
  if (!allowed.test(given)) {
    throw invalidValue(
      `Value (${given}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
    )
  }
  return given
}

function readGroupDescription(description: string | undefined): string {
  if (description === undefined || description === '') throw missing('GroupDescription')
  if (!allowed.test(description)) {
    throw invalidValue(
      `Value (${description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
    )
  }
  return description
}
