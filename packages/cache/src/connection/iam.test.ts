import { expect, test } from 'vitest'
import { iamToken } from './iam.ts'

/** The order of the parameters is free: botocore appends, SigV4 sorts them before signing. */
const parts = (token: string) => token.split('&').sort()

test('the token is the one botocore signs for the same instant', () => {
  const token = iamToken(
    { cacheName: 'my-cache', userId: 'iam-user-01', region: 'ap-northeast-1' },
    {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      sessionToken: 'tok/en+1==',
    },
    new Date('2026-01-02T03:04:05Z'),
  )
  expect(parts(token)).toEqual(
    parts(
      'my-cache/?Action=connect&User=iam-user-01&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fap-northeast-1%2Felasticache%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=tok%2Fen%2B1%3D%3D&X-Amz-Signature=5f53e665eda6398ff934662aa027466b858752d2ef4e72d0928bf76df5e32638',
    ),
  )
})
