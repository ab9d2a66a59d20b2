/** Object keys as customers write them, and as the directory keeps them: part by part, with what a path cannot hold escaped. */
import { Refused } from './refused.ts'

export function fileKey(key: string): string {
  const parts = key.split('/')
  if (key === '' || parts.includes('') || key.length > 1024)
    throw new Refused(400, 'InvalidArgument', 'Keys with empty parts are not kept by this bucket.')
  return parts.map(part => encodeURIComponent(part).replace(/^\./, '%2E')).join('/')
}

export const keyOfFile = (file: string): string => file.split('/').map(decodeURIComponent).join('/')
