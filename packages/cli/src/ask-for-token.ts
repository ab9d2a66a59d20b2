/** The AUTH token of a group: from the environment, else typed by a person, unseen. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failed } from './failed.ts'

const variables = ['HOTSHELF_AUTH_TOKEN', 'VALKEYCLI_AUTH', 'REDISCLI_AUTH']

export async function askForToken(group: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  for (const name of variables) {
    const token = environment[name]
    if (token) return token
  }
  if (!process.stdin.isTTY) {
    throw new Failed(`${group} asks for an AUTH token.`, 'Put it into the environment variable HOTSHELF_AUTH_TOKEN.')
  }
  const token = await typed(`AUTH token of ${group}: `)
  if (token !== '') return token
  throw new Failed('No AUTH token was given.', '')
}

function typed(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write(question)
  return new Promise((resolve, reject) => {
    terminal.once('line', line => {
      process.stderr.write('\n')
      terminal.close()
      resolve(line)
    })
    terminal.once('SIGINT', () => {
      terminal.close()
      reject(new Failed('', '', 130))
    })
  })
}
