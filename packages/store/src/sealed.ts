/**
 * The envelope of a secret: AES-256-GCM, a fresh random nonce each time.
 * What the secret belongs to is authenticated with it, so a sealed value copied to another row does not open.
 * Layout: version (1 byte) · nonce (12) · tag (16) · ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const version = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes + tagBytes

export function seal(key: Uint8Array, plain: string, belongsTo: string): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(belongsTo))
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), text])
}

/** Undefined when the key is another one, or the bytes were changed or belong to something else. */
export function unseal(key: Uint8Array, sealed: Uint8Array, belongsTo: string): string | undefined {
  if (sealed[0] !== version || sealed.length < headBytes) return undefined
  const nonce = sealed.subarray(1, 1 + nonceBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(belongsTo))
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString('utf8')
  } catch {
    // The reason would only say "unable to authenticate": there is nothing more to tell, and nothing to leak.
    return undefined
  }
}
