import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InProcess, startInProcess } from '../../tests/in-process.ts'

let services: InProcess
let sts: STSClient

beforeAll(async () => {
  services = await startInProcess()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  sts = new STSClient({ endpoint: services.url, region: 'us-east-1', credentials, maxAttempts: 1 })
})
afterAll(async () => {
  sts.destroy()
  await services.close()
})

test('a caller learns the account from an ARN that parses', async () => {
  const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}))
  expect(Account).toBe('000000000000')
  expect(Arn).toMatch(/^arn:aws:iam::000000000000:(root|user\/.+)$/)
  expect(UserId).toBeTruthy()
})
