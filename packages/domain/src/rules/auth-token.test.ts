import { expect, test } from 'vitest'
import { requireAuthToken } from './auth-token.ts'

test.each(['sixteen-letters1', 'A1!&#$^<>-abcdefgh', 'x'.repeat(128)])('%s is a token', token => {
  expect(() => requireAuthToken(token)).not.toThrow()
})

test.each([
  ['', 'characters long'],
  ['fifteen-letters', 'characters long'],
  ['x'.repeat(129), 'characters long'],
  ['with a space in it', 'printable ASCII'],
  ['with/slash/slash/', 'printable ASCII'],
  ['with@at@at@at@at@', 'printable ASCII'],
  ['with"quotes"quotes', 'printable ASCII'],
  ['with%percent%percent', 'printable ASCII'],
  ['ünïcode-ünïcode-x', 'printable ASCII'],
])('%j is refused, and the message does not show it', (token, reason) => {
  const check = () => requireAuthToken(token)
  expect(check).toThrow(expect.objectContaining({ name: 'InvalidParameterValueException' }))
  expect(check).toThrow(/^Invalid AuthToken provided\./)
  expect(check).toThrow(reason)
  if (token !== '') expect(check).not.toThrow(token)
})
