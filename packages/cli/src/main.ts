#!/usr/bin/env node
/** The program itself: `hotshelf <command>`. */
import { runCli } from './run-cli.ts'

// A reader that stops early (`hotshelf events | head`) is no failure.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await runCli(process.argv.slice(2))
