import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  paginateDescribeVpcs,
  type VpcAttributeName,
} from '@aws-sdk/client-ec2'
import { CreateCacheSubnetGroupCommand, CreateReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
const clients: EC2Client[] = []
const clientIn = (region: string): EC2Client => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new EC2Client({ endpoint: services.url, region, credentials, maxAttempts: 1 })
  clients.push(client)
  return client
}
let ec2: EC2Client
beforeEach(async () => {
  services = await startInProcess()
  ec2 = clientIn(scope.region)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await services.close()
})

const createVpc = async (CidrBlock = '10.0.0.0/16', more: object = {}) =>
  (await ec2.send(new CreateVpcCommand({ CidrBlock, ...more }))).Vpc?.VpcId ?? ''
const createSubnet = async (VpcId: string, CidrBlock: string, more: object = {}) =>
  (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, ...more }))).Subnet
const vpcIds = async (client = ec2) => (await client.send(new DescribeVpcsCommand({}))).Vpcs?.map(vpc => vpc.VpcId)
const inVpc = (VpcId: string, ...more: { Name: string; Values: string[] }[]) => ({
  Filters: [{ Name: 'vpc-id', Values: [VpcId] }, ...more],
})

describe('the default VPC', () => {
  it('is there from the start, with a subnet in each of three zones and a security group', async () => {
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }))
    expect(Vpcs).toMatchObject([
      { CidrBlock: '172.31.0.0/16', IsDefault: true, State: 'available', OwnerId: scope.account },
    ])
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
    const shown = Subnets.map(
      ({ AvailabilityZone, AvailabilityZoneId, CidrBlock, DefaultForAz, AvailableIpAddressCount }) => [
        AvailabilityZone,
        AvailabilityZoneId,
        CidrBlock,
        DefaultForAz,
        AvailableIpAddressCount,
      ],
    )
    expect(shown.toSorted()).toEqual([
      ['us-east-1a', 'use1-az1', '172.31.0.0/20', true, 4091],
      ['us-east-1b', 'use1-az2', '172.31.16.0/20', true, 4091],
      ['us-east-1c', 'use1-az3', '172.31.32.0/20', true, 4091],
    ])
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}))
    expect(SecurityGroups).toMatchObject([{ GroupName: 'default', IpPermissions: [{ IpProtocol: '-1' }] }])
  })

  it('has the same ids in every data directory, and others in every region', async () => {
    const here = await vpcIds()
    expect(await vpcIds(clientIn('eu-west-1'))).not.toEqual(here)
    const again = await startInProcess()
    const client = new EC2Client({
      endpoint: again.url,
      region: scope.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    clients.push(client)
    expect(await vpcIds(client)).toEqual(here)
    await again.close()
  })

  it('does not come back once it was deleted', async () => {
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
    for (const { SubnetId } of Subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }))
    const [VpcId] = (await vpcIds()) ?? []
    await ec2.send(new DeleteVpcCommand({ VpcId }))
    expect(await vpcIds()).toEqual([])
    const withoutVpc = ec2.send(new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'd' }))
    expect((await refusal(withoutVpc)).name).toBe('VPCIdNotSpecified')
  })
})

describe('a VPC of a customer', () => {
  it('is made with what Terraform then asks for', async () => {
    const id = await createVpc('10.1.2.3/16', {
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'app' }] }],
    })
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }))
    expect(Vpcs).toMatchObject([
      {
        CidrBlock: '10.1.0.0/16',
        IsDefault: false,
        InstanceTenancy: 'default',
        CidrBlockAssociationSet: [{ CidrBlock: '10.1.0.0/16', CidrBlockState: { State: 'associated' } }],
        Tags: [{ Key: 'Name', Value: 'app' }],
      },
    ])
    const main = { Name: 'association.main', Values: ['true'] }
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand(inVpc(id, main)))
    expect(RouteTables).toMatchObject([
      { Associations: [{ Main: true }], Routes: [{ GatewayId: 'local', DestinationCidrBlock: '10.1.0.0/16' }] },
    ])
    const isDefault = { Name: 'default', Values: ['true'] }
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand(inVpc(id, isDefault)))
    expect(NetworkAcls).toMatchObject([{ IsDefault: true, NetworkAclId: expect.stringMatching(/^acl-/) }])
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(inVpc(id)))
    expect(SecurityGroups).toMatchObject([{ GroupName: 'default', VpcId: id }])
  })

  it('has three switches', async () => {
    const VpcId = await createVpc()
    const read = async (Attribute: VpcAttributeName) => {
      const answer = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }))
      return (answer.EnableDnsSupport ?? answer.EnableDnsHostnames ?? answer.EnableNetworkAddressUsageMetrics)?.Value
    }
    expect(await read('enableDnsSupport')).toBe(true)
    expect(await read('enableDnsHostnames')).toBe(false)
    expect(await read('enableNetworkAddressUsageMetrics')).toBe(false)
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }))
    expect(await read('enableDnsHostnames')).toBe(true)
    const both = new ModifyVpcAttributeCommand({
      VpcId,
      EnableDnsHostnames: { Value: true },
      EnableDnsSupport: { Value: true },
    })
    expect((await refusal(ec2.send(both))).name).toBe('InvalidParameterCombination')
  })

  it.each([
    ['10.0.0.0/8', 'InvalidVpc.Range'],
    ['10.0.0.0/29', 'InvalidVpc.Range'],
    ['ten', 'InvalidParameterValue'],
  ])('may not have the block %s', async (block, code) => {
    expect((await refusal(createVpc(block))).name).toBe(code)
  })

  it('is deleted only when it is empty, with its default security group', async () => {
    const VpcId = await createVpc()
    const subnet = await createSubnet(VpcId, '10.0.1.0/24')
    const remove = () => ec2.send(new DeleteVpcCommand({ VpcId }))
    expect(await refusal(remove())).toMatchObject({
      name: 'DependencyViolation',
      message: `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    })
    await ec2.send(new DeleteSubnetCommand({ SubnetId: subnet?.SubnetId }))
    await remove()
    expect((await ec2.send(new DescribeSecurityGroupsCommand(inVpc(VpcId)))).SecurityGroups).toEqual([])
    expect((await refusal(remove())).name).toBe('InvalidVpcID.NotFound')
  })

  it('is listed page by page', async () => {
    const made = [...((await vpcIds()) ?? [])]
    for (let i = 0; i < 7; i++) made.push(await createVpc())
    const seen: (string | undefined)[] = []
    for await (const page of paginateDescribeVpcs({ client: ec2, pageSize: 5 }, {})) {
      seen.push(...(page.Vpcs ?? []).map(vpc => vpc.VpcId))
    }
    expect(seen).toEqual(made.toSorted())
  })
})

describe('a subnet', () => {
  it('lies in a zone of the region, named or by id', async () => {
    const VpcId = await createVpc()
    const byName = await createSubnet(VpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1b' })
    expect(byName).toMatchObject({
      AvailabilityZone: 'us-east-1b',
      AvailableIpAddressCount: 251,
      MapPublicIpOnLaunch: false,
    })
    const byId = await createSubnet(VpcId, '10.0.2.0/24', { AvailabilityZoneId: 'use1-az3' })
    expect(byId).toMatchObject({ AvailabilityZone: 'us-east-1c' })
    const nowhere = createSubnet(VpcId, '10.0.3.0/24', { AvailabilityZone: 'mars-1a' })
    expect((await refusal(nowhere)).message).toMatch(/availability zones: us-east-1a, us-east-1b, us-east-1c\.$/)
  })

  it.each([
    ['10.1.0.0/24', 'InvalidSubnet.Range'],
    ['10.0.0.0/15', 'InvalidSubnet.Range'],
    ['10.0.1.0/29', 'InvalidSubnet.Range'],
    ['10.0.1.128/25', 'InvalidSubnet.Conflict'],
    ['10.0.0.0/16', 'InvalidSubnet.Conflict'],
  ])('may not have the block %s beside 10.0.1.0/24 in 10.0.0.0/16', async (block, code) => {
    const VpcId = await createVpc()
    await createSubnet(VpcId, '10.0.1.0/24')
    expect((await refusal(createSubnet(VpcId, block))).name).toBe(code)
  })

  it('has a switch for public addresses, and refuses those that would change nothing', async () => {
    const subnet = await createSubnet(await createVpc(), '10.0.1.0/24')
    const { SubnetId } = subnet ?? {}
    const modify = (change: object) => ec2.send(new ModifySubnetAttributeCommand({ SubnetId, ...change }))
    await modify({ MapPublicIpOnLaunch: { Value: true } })
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId ?? ''] }))
    expect(Subnets?.[0]?.MapPublicIpOnLaunch).toBe(true)
    await modify({ EnableDns64: { Value: false } })
    expect((await refusal(modify({ EnableDns64: { Value: true } }))).message).toMatch(/not built in Hotshelf yet/)
    expect((await refusal(modify({}))).name).toBe('MissingParameter')
  })

  it('stays while a cache is placed in it', async () => {
    const subnet = await createSubnet(await createVpc(), '10.0.1.0/24')
    const { SubnetId = '' } = subnet ?? {}
    await services.elasticache.send(
      new CreateCacheSubnetGroupCommand({
        CacheSubnetGroupName: 'g',
        CacheSubnetGroupDescription: 'd',
        SubnetIds: [SubnetId],
      }),
    )
    await services.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'cache',
        ReplicationGroupDescription: 'd',
        CacheNodeType: 'cache.t4g.micro',
        CacheSubnetGroupName: 'g',
      }),
    )
    expect((await refusal(ec2.send(new DeleteSubnetCommand({ SubnetId })))).name).toBe('DependencyViolation')
  })

  test('filters are those of AWS', async () => {
    const VpcId = await createVpc()
    await createSubnet(VpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1b' })
    const count = async (Name: string, ...Values: string[]) =>
      (await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name, Values }] }))).Subnets?.length
    expect(await count('vpc-id', VpcId)).toBe(1)
    expect(await count('availability-zone', 'us-east-1b')).toBe(2)
    expect(await count('default-for-az', 'true')).toBe(3)
    expect(await count('cidr-block', '172.31.*')).toBe(3)
    expect((await refusal(count('colour', 'red'))).name).toBe('InvalidParameterValue')
  })
})

test('the zones of the region are told, and no others', async () => {
  const zones = async (input: object) =>
    (await ec2.send(new DescribeAvailabilityZonesCommand(input))).AvailabilityZones?.map(zone => zone.ZoneName)
  expect(await zones({})).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c'])
  expect(await zones({ ZoneIds: ['use1-az2'] })).toEqual(['us-east-1b'])
  expect(await zones({ Filters: [{ Name: 'state', Values: ['available'] }] })).toHaveLength(3)
  expect((await refusal(zones({ ZoneNames: ['us-east-1z'] }))).name).toBe('InvalidParameterValue')
})
