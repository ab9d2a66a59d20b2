import { expect, test } from 'vitest'
import { requireTransitEncryptionChange, type TransitEncryptionChange } from './transit-encryption-change.ts'

const change = (over: Partial<TransitEncryptionChange>): TransitEncryptionChange => ({
  present: 'off',
  enabled: undefined,
  mode: undefined,
  accessControl: false,
  engine: 'redis',
  engineVersion: '7.1',
  ...over,
})

test.each<[Partial<TransitEncryptionChange>, string | undefined]>([
  [{}, undefined],
  [{ accessControl: true }, undefined],
  [{ enabled: true, mode: 'preferred' }, 'preferred'],
  [{ present: 'preferred', mode: 'required' }, 'required'],
  [{ present: 'preferred', enabled: true, mode: 'required' }, 'required'],
  [{ present: 'required', mode: 'preferred' }, 'preferred'],
  [{ present: 'preferred', enabled: false }, 'off'],
  [{ present: 'preferred', enabled: true }, 'preferred'],
  [{ enabled: false, engineVersion: '5.0.6' }, 'off'],
  [{ present: 'required', enabled: true, mode: 'required', engineVersion: '6.2' }, 'required'],
])('%j makes %s', (over, wanted) => {
  expect(requireTransitEncryptionChange(change(over))).toBe(wanted)
})

test.each<[Partial<TransitEncryptionChange>, string]>([
  [{ mode: 'preferred' }, 'To modify transit encryption mode, set encryption-in-transit as enabled.'],
  [{ present: 'required', enabled: false, mode: 'preferred' }, 'To modify transit encryption mode'],
  [{ enabled: true }, 'first set TransitEncryptionMode to preferred'],
  [{ enabled: true, mode: 'required' }, 'To enable encryption-in-transit of an existing replication group'],
  [{ present: 'required', enabled: false }, 'To disable encryption-in-transit, first set TransitEncryptionMode'],
  [{ enabled: true, mode: 'preferred', engineVersion: '6.2' }, 'It is available from version 7.0.'],
  [{ present: 'required', enabled: true, accessControl: true }, 'not supported for access control enabled clusters.'],
])('%j is refused', (over, message) => {
  expect(() => requireTransitEncryptionChange(change(over))).toThrow(message)
})
