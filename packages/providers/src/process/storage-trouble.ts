/** What the disk refuses is nothing the code can mend, and everything the people at the machine can: say it in their words. */
import { Bug, Unavailable } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'

export function storageTrouble(error: unknown, directory: string): unknown {
  if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT')) {
    return new Unavailable(
      `The disk below ${directory} is full. Free some space, and the node starts on the next try.`,
      1000,
      { cause: error },
    )
  }
  if (isCode(error, 'EACCES') || isCode(error, 'EROFS') || isCode(error, 'EPERM')) {
    return new Unavailable(`${directory} may not be written by this user. Change its owner or its permissions.`, 1000, {
      cause: error,
    })
  }
  if (isCode(error, 'EMFILE') || isCode(error, 'ENFILE')) {
    return new Unavailable('Too many open files. Raise the limit (ulimit -n).', 1000, { cause: error })
  }
  if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return new Bug(`${directory} is another node's directory`)
  return error
}
