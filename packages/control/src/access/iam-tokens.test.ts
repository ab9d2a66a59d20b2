import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { tokenHashes } from './iam-tokens.ts'

const purpose = { cache: 'my-cache', userId: 'iam-user-01', region: 'ap-northeast-1' }
const signer = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const second = Date.parse('2026-01-02T03:04:05Z') / 1000

test('the hashes are of what botocore appends and of what the SDK sorts, and of this second alone', () => {
  const before =
    'my-cache/?Action=connect&User=iam-user-01&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fap-northeast-1%2Felasticache%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=900'
  // Made by botocore 1.43 for this instant.
  const known = `X-Amz-Signature=${botocore}`
  const hashes = [`${before}&X-Amz-SignedHeaders=host&${known}`, `${before}&${known}&X-Amz-SignedHeaders=host`].map(
    token => createHash('sha256').update(token).digest('hex'),
  )
  expect(tokenHashes(purpose, signer, second)).toEqual(hashes)
  for (const other of [
    tokenHashes(purpose, signer, second + 1),
    tokenHashes({ ...purpose, cache: 'another' }, signer, second),
    tokenHashes({ ...purpose, userId: 'another' }, signer, second),
    tokenHashes(purpose, { ...signer, secretAccessKey: 'another' }, second),
  ])
    expect(hashes).not.toEqual(expect.arrayContaining([other[0]]))
})

const botocore = '735505c174ac09f3b1acc4e79c251f8a822c0fc47c8caeddc712b04b3b415cd6'
