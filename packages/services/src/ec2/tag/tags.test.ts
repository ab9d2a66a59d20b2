import {
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
let ec2: EC2Client
let vpc: string
let group: string
beforeEach(async () => {
  services = await startInProcess()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  ec2 = new EC2Client({ endpoint: services.url, region: scope.region, credentials, maxAttempts: 1 })
  vpc = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId ?? ''
  const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'Name', Value: 'app' }] }]
  const made = new CreateSecurityGroupCommand({ GroupName: 'app', Description: 'd', TagSpecifications })
  group = (await ec2.send(made)).GroupId ?? ''
})
afterEach(async () => {
  ec2.destroy()
  await services.close()
})

const tag = (Resources: string[], Tags: object) =>
  ec2.send(new CreateTagsCommand({ Resources, Tags: Object.entries(Tags).map(([Key, Value]) => ({ Key, Value })) }))
const told = async (...Filters: { Name: string; Values: string[] }[]) =>
  (await ec2.send(new DescribeTagsCommand({ Filters }))).Tags?.map(
    found => `${found.ResourceType} ${found.Key}=${found.Value}`,
  )

it('tags several things at once, replaces values, and tells them with the thing', async () => {
  await tag([vpc, group], { Name: 'both', Team: 'red' })
  expect(await told()).toEqual(['security-group Name=both', 'security-group Team=red', 'vpc Name=both', 'vpc Team=red'])
  const shown = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'tag:Team', Values: ['r*'] }] }))
  expect(shown.SecurityGroups?.map(found => found.Tags)).toEqual([
    [
      { Key: 'Name', Value: 'both' },
      { Key: 'Team', Value: 'red' },
    ],
  ])
})

it('finds tags by key, value, thing and kind', async () => {
  await tag([vpc], { Team: 'red' })
  expect(await told({ Name: 'key', Values: ['Team'] })).toEqual(['vpc Team=red'])
  expect(await told({ Name: 'value', Values: ['app'] })).toEqual(['security-group Name=app'])
  expect(await told({ Name: 'resource-id', Values: [vpc] })).toEqual(['vpc Team=red'])
  expect(await told({ Name: 'resource-type', Values: ['subnet'] })).toEqual([])
})

it('removes a tag by key, by key only if it has the value, or all', async () => {
  await tag([group], { a: '1', b: '2', c: '3' })
  const remove = (Tags?: { Key: string; Value?: string }[]) =>
    ec2.send(new DeleteTagsCommand({ Resources: [group], ...(Tags && { Tags }) }))
  await remove([{ Key: 'a' }, { Key: 'b', Value: 'other' }, { Key: 'c', Value: '3' }])
  expect(await told()).toEqual(['security-group Name=app', 'security-group b=2'])
  await remove()
  expect(await told()).toEqual([])
})

it('tags all things or none', async () => {
  expect(await refusal(tag([vpc, 'sg-0123'], { a: '1' }))).toMatchObject({ name: 'InvalidGroup.NotFound' })
  expect(await refusal(tag([vpc, 'i-0123'], { a: '1' }))).toMatchObject({
    name: 'InvalidID',
    message: "The ID 'i-0123' is not valid",
  })
  expect(await told()).toEqual(['security-group Name=app'])
})

it.each([
  ['aws:mine', '1'],
  ['hotshelf:members', 'everybody'],
  ['', '1'],
  ['x'.repeat(129), '1'],
  ['a', 'x'.repeat(257)],
])('refuses the tag %s=%s', async (key, value) => {
  expect((await refusal(tag([vpc], { [key]: value }))).name).toBe('InvalidParameterValue')
})

it('holds fifty tags on a thing', async () => {
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, 'v']))
  await tag([group], many)
  expect((await refusal(tag([group], { more: '1' }))).name).toBe('TagLimitExceeded')
  expect(await told()).toHaveLength(50)
})

it('refuses tags for a kind of thing that the call does not make', async () => {
  const TagSpecifications = [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'a', Value: 'b' }] }]
  const wrong = new CreateSecurityGroupCommand({ GroupName: 'x', Description: 'd', TagSpecifications })
  expect((await refusal(ec2.send(wrong))).name).toBe('InvalidParameterValue')
})
