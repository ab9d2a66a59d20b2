/** Programs that a test can do without: it is skipped, and says why, on a machine that has not got them. */
import { execFileSync } from 'node:child_process'

/** Undefined when the command runs and ends well; otherwise the reason to skip, printed once. */
export function reasonToSkip(what: string, command: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 60_000 })
    return undefined
  } catch {
    const reason = `${what} is not on this machine (${command} ${args.join(' ')} failed)`
    console.log(`skipped: ${reason}`)
    return reason
  }
}
