import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  EC2Client,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import { CreateReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { elasticacheArn } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'
import { defaultVpcId } from '../default-vpc.ts'

let services: InProcess
let ec2: EC2Client
beforeEach(async () => {
  services = await startInProcess()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  ec2 = new EC2Client({ endpoint: services.url, region: scope.region, credentials, maxAttempts: 1 })
})
afterEach(async () => {
  ec2.destroy()
  await services.close()
})

const create = async (GroupName: string, more: object = {}): Promise<string> => {
  const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'for tests', ...more }))
  return made.GroupId ?? ''
}
const group = async (id: string) =>
  (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups?.[0]
const allowIn = (GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
const tcp = (port: number, peers: Partial<IpPermission>): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...peers,
})
const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
const otherVpc = async () => {
  const made = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  return made.Vpc?.VpcId ?? ''
}

describe('a new security group', () => {
  it('lets everything out and nothing in, and shows its owner and VPC', async () => {
    const id = await create('app')
    expect(await group(id)).toEqual({
      GroupId: id,
      GroupName: 'app',
      Description: 'for tests',
      OwnerId: scope.account,
      VpcId: defaultVpcId(scope),
      SecurityGroupArn: `arn:aws:ec2:us-east-1:${scope.account}:security-group/${id}`,
      IpPermissions: [],
      IpPermissionsEgress: [
        {
          IpProtocol: '-1',
          IpRanges: [{ CidrIp: '0.0.0.0/0' }],
          Ipv6Ranges: [],
          UserIdGroupPairs: [],
          PrefixListIds: [],
        },
      ],
      Tags: [],
    })
    expect(id).toMatch(/^sg-0[0-9a-f]{16}$/)
  })

  it('has a name of its own within its VPC', async () => {
    await create('app')
    expect(await refusal(create('app'))).toMatchObject({
      name: 'InvalidGroup.Duplicate',
      message: `The security group 'app' already exists for VPC '${defaultVpcId(scope)}'`,
    })
    expect(await create('app', { VpcId: await otherVpc() })).toMatch(/^sg-/)
  })

  it.each([
    ['default', 'InvalidGroup.Duplicate'],
    ['sg-mine', 'InvalidParameterValue'],
    ['näme', 'InvalidParameterValue'],
  ])('may not be named %s', async (name, code) => {
    expect((await refusal(create(name))).name).toBe(code)
  })

  it('needs a VPC that is there', async () => {
    expect(await refusal(create('app', { VpcId: 'vpc-0123' }))).toMatchObject({
      name: 'InvalidVpcID.NotFound',
      message: "The vpc ID 'vpc-0123' does not exist",
    })
  })
})

describe('finding security groups', () => {
  it('that are not there is an error that tools take as gone', async () => {
    expect(await refusal(group('sg-0123'))).toMatchObject({
      name: 'InvalidGroup.NotFound',
      message: "The security group 'sg-0123' does not exist",
    })
  })

  it('by filter and by name', async () => {
    const VpcId = await otherVpc()
    const [app, redis] = [await create('app'), await create('redis', { VpcId })]
    await allowIn(app, tcp(6379, anywhere))
    const ids = async (input: object) =>
      (await ec2.send(new DescribeSecurityGroupsCommand(input))).SecurityGroups?.map(found => found.GroupId)
    const by = (Name: string, ...Values: string[]) => ids({ Filters: [{ Name, Values }] })
    expect(await by('group-name', 'app', 'redis')).toEqual([app, redis].toSorted())
    expect(await by('vpc-id', VpcId)).toHaveLength(2)
    expect(await by('ip-permission.from-port', '6379')).toEqual([app])
    expect(await by('egress.ip-permission.cidr', '0.0.0.0/0')).toHaveLength(4)
    expect(await ids({ GroupNames: ['app'] })).toEqual([app])
    expect((await refusal(ids({ GroupNames: ['redis'] }))).name).toBe('InvalidGroup.NotFound')
    expect((await refusal(by('colour', 'red'))).name).toBe('InvalidParameterValue')
  })
})

describe('allowing traffic', () => {
  it('answers every rule with an id of its own, and shows them gathered', async () => {
    const [app, redis] = [await create('app'), await create('redis')]
    const answer = await allowIn(
      redis,
      tcp(6379, {
        UserIdGroupPairs: [{ GroupId: app, Description: 'from the app' }],
        IpRanges: [{ CidrIp: '10.1.2.3/8' }],
      }),
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '2001:DB8::1/32' }] },
    )
    expect(answer.Return).toBe(true)
    expect(answer.SecurityGroupRules).toHaveLength(3)
    expect(answer.SecurityGroupRules?.[0]).toMatchObject({
      GroupId: redis,
      IsEgress: false,
      CidrIpv4: '10.0.0.0/8',
      FromPort: 6379,
    })
    expect((await group(redis))?.IpPermissions).toMatchObject([
      {
        IpProtocol: 'tcp',
        FromPort: 6379,
        ToPort: 6379,
        IpRanges: [{ CidrIp: '10.0.0.0/8' }],
        // Equal to OwnerId, or Terraform shows a difference.
        UserIdGroupPairs: [{ GroupId: app, UserId: scope.account, Description: 'from the app' }],
      },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] },
    ])
  })

  it('that is allowed already is refused, whatever it is described as, and nothing else is added', async () => {
    const id = await create('app')
    await allowIn(id, tcp(6379, anywhere))
    const again = allowIn(
      id,
      tcp(80, anywhere),
      tcp(6379, { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'other' }] }),
    )
    expect(await refusal(again)).toMatchObject({
      name: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 6379, to port: 6379, ALLOW" already exists',
    })
    expect((await group(id))?.IpPermissions).toHaveLength(1)
  })

  it('of every protocol ignores ports', async () => {
    const id = await create('app')
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: id,
        IpPermissions: [{ IpProtocol: 'all', FromPort: 0, ToPort: 0, ...anywhere }],
      }),
    )
    const [permission] = (await group(id))?.IpPermissions ?? []
    expect(permission).toMatchObject({ IpProtocol: '-1' })
    expect(permission).not.toHaveProperty('FromPort')
  })

  it.each<[string, IpPermission, string]>([
    ['without a peer', tcp(1, {}), 'MissingParameter'],
    ['from a group that is not there', tcp(1, { UserIdGroupPairs: [{ GroupId: 'sg-0123' }] }), 'InvalidGroup.NotFound'],
    [
      'from another account',
      tcp(1, { UserIdGroupPairs: [{ GroupId: 'sg-1', UserId: '999999999999' }] }),
      'InvalidGroup.NotFound',
    ],
    ['from no block', tcp(1, { IpRanges: [{ CidrIp: '10.0.0.0' }] }), 'InvalidParameterValue'],
    ['to a port beyond the last', tcp(65_536, anywhere), 'InvalidParameterValue'],
    ['without ports', { IpProtocol: 'tcp', ...anywhere }, 'InvalidParameterValue'],
    ['backwards', { IpProtocol: 'tcp', FromPort: 2, ToPort: 1, ...anywhere }, 'InvalidParameterValue'],
    ['of an unknown protocol', { IpProtocol: 'carrier-pigeon', ...anywhere }, 'InvalidParameterValue'],
    [
      'described in Japanese',
      tcp(1, { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: '説明' }] }),
      'InvalidParameterValue',
    ],
  ])('%s is refused', async (_, permission, code) => {
    const id = await create('app')
    expect((await refusal(allowIn(id, permission))).name).toBe(code)
    expect((await group(id))?.IpPermissions).toEqual([])
  })

  it('may be said in the oldest way', async () => {
    const id = await create('app')
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupName: 'app',
        IpProtocol: 'tcp',
        FromPort: 1,
        ToPort: 2,
        CidrIp: '1.2.3.4/32',
      }),
    )
    expect((await group(id))?.IpPermissions).toMatchObject([
      { FromPort: 1, ToPort: 2, IpRanges: [{ CidrIp: '1.2.3.4/32' }] },
    ])
  })

  it('ends at sixty rules in a direction', async () => {
    const id = await create('app')
    await allowIn(id, ...Array.from({ length: 60 }, (_, i) => tcp(i + 1, anywhere)))
    expect((await refusal(allowIn(id, tcp(99, anywhere)))).name).toBe('RulesPerSecurityGroupLimitExceeded')
  })
})

describe('taking traffic back', () => {
  const egress = (ports: object, ranges: object) => ({ IpPermissions: [{ IpProtocol: '-1', ...ports, ...ranges }] })

  it('as Terraform does with a new group: ports 0 to 0, then an IPv6 rule that is not there', async () => {
    const id = await create('app')
    const revoke = (input: object) => ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, ...input }))
    const ports = { FromPort: 0, ToPort: 0 }
    const first = await revoke(egress(ports, anywhere))
    expect(first.Return).toBe(true)
    expect((await group(id))?.IpPermissionsEgress).toEqual([])
    const second = await revoke(egress(ports, { Ipv6Ranges: [{ CidrIpv6: '::/0' }] }))
    expect(second.UnknownIpPermissions).toHaveLength(1)
    const allow = new AuthorizeSecurityGroupEgressCommand({ GroupId: id, ...egress({}, anywhere) })
    expect((await ec2.send(allow)).SecurityGroupRules).toMatchObject([{ IsEgress: true, FromPort: -1, ToPort: -1 }])
  })

  it('that is not allowed is refused outside the default VPC, and nothing is taken', async () => {
    const id = await create('app', { VpcId: await otherVpc() })
    await allowIn(id, tcp(1, anywhere))
    const revoke = new RevokeSecurityGroupIngressCommand({
      GroupId: id,
      IpPermissions: [tcp(1, anywhere), tcp(2, anywhere)],
    })
    expect(await refusal(ec2.send(revoke))).toMatchObject({
      name: 'InvalidPermission.NotFound',
      message: 'The specified rule does not exist in this security group.',
    })
    expect((await group(id))?.IpPermissions).toHaveLength(1)
  })

  it('by the id of the rule, which takes its tags along', async () => {
    const id = await create('app')
    const made = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: id,
        IpPermissions: [tcp(1, anywhere)],
        TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'Team', Value: 'red' }] }],
      }),
    )
    const ruleId = made.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? ''
    const tags = async () => (await ec2.send(new DescribeTagsCommand({}))).Tags
    expect(await tags()).toMatchObject([{ ResourceId: ruleId, ResourceType: 'security-group-rule', Value: 'red' }])
    const revoke = () =>
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, SecurityGroupRuleIds: [ruleId] }))
    expect((await revoke()).RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: ruleId }])
    expect(await tags()).toEqual([])
    expect((await refusal(revoke())).name).toBe('InvalidSecurityGroupRuleId.NotFound')
  })
})

describe('single rules', () => {
  const rulesOf = async (id: string) =>
    (await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [id] }] })))
      .SecurityGroupRules ?? []

  it('are shown and changed under their own id', async () => {
    const [app, redis] = [await create('app'), await create('redis')]
    await allowIn(redis, tcp(6379, anywhere))
    const rule = (await rulesOf(redis)).find(found => !found.IsEgress)
    const modify = (SecurityGroupRule: object) =>
      ec2.send(
        new ModifySecurityGroupRulesCommand({
          GroupId: redis,
          SecurityGroupRules: [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }],
        }),
      )
    await modify({ IpProtocol: 'tcp', FromPort: 6380, ToPort: 6380, ReferencedGroupId: app, Description: 'tls' })
    const byId = new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ''] })
    expect((await ec2.send(byId)).SecurityGroupRules).toMatchObject([
      {
        FromPort: 6380,
        ReferencedGroupInfo: { GroupId: app, UserId: scope.account },
        Description: 'tls',
        IsEgress: false,
      },
    ])
    expect((await refusal(modify({ IpProtocol: 'tcp', FromPort: 1, ToPort: 1 }))).name).toBe('InvalidParameterValue')
  })

  it('that are not there are named', async () => {
    const find = ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: ['sgr-0123'] }))
    expect(await refusal(find)).toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' })
  })
})

describe('deleting a security group', () => {
  const remove = (GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }))

  it('follows a look at its network interfaces, of which there are none', async () => {
    const id = await create('app')
    const look = new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [id] }] })
    expect((await ec2.send(look)).NetworkInterfaces).toEqual([])
    expect(await remove(id)).toMatchObject({ Return: true, GroupId: id })
    expect((await refusal(group(id))).name).toBe('InvalidGroup.NotFound')
    expect((await refusal(remove(id))).name).toBe('InvalidGroup.NotFound')
  })

  it("is refused while another group's rule names it, but not for a rule of its own", async () => {
    const [app, redis] = [await create('app'), await create('redis')]
    await allowIn(redis, tcp(6379, { UserIdGroupPairs: [{ GroupId: app }, { GroupId: redis }] }))
    expect(await refusal(remove(app))).toMatchObject({
      name: 'DependencyViolation',
      message: `resource ${app} has a dependent object`,
    })
    await remove(redis)
    await remove(app)
  })

  it('is refused while a replication group uses it, until that is gone', async () => {
    const id = await create('redis')
    await services.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'cache',
        ReplicationGroupDescription: 'd',
        CacheNodeType: 'cache.t4g.micro',
        SecurityGroupIds: [id],
      }),
    )
    expect((await refusal(remove(id))).name).toBe('DependencyViolation')
    await services.store.replicationGroups.remove(elasticacheArn(scope, 'replicationgroup', 'cache'))
    await remove(id)
  })

  it('is never done to the default group', async () => {
    const answer = await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))
    expect((await refusal(remove(answer.SecurityGroups?.[0]?.GroupId ?? ''))).name).toBe('CannotDelete')
  })
})

describe('a dry run', () => {
  it('changes nothing and says what the call would have met', async () => {
    const dry = (GroupName: string) =>
      ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'd', DryRun: true }))
    expect(await refusal(dry('app'))).toMatchObject({
      name: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
    })
    await create('app')
    expect((await refusal(dry('app'))).name).toBe('InvalidGroup.Duplicate')
  })
})
