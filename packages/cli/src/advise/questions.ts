/** The interview: what is asked, in which order, what an empty answer means, and when a question is not worth asking. */
import { adviseEngine } from './engine.ts'
import { readChoice, readPercent, readSize, readUsd, readYesNo } from './answers.ts'
import { defaultNeeds, type Needs, survives } from './needs.ts'

export interface Question {
  readonly about: keyof Needs
  readonly text: string
  /** How to answer, with what an empty line means. */
  readonly hint: string
  readonly read: (text: string) => unknown
  /** False where earlier answers have decided it. Defaults stand for what was not answered yet. */
  readonly matters: (so: Needs) => boolean
}

const always = () => true
const unlessMemcached = (so: Needs) => adviseEngine(so).name !== 'memcached'

export const questions: readonly Question[] = [
  {
    about: 'structures',
    text: 'Do you need data structures: lists, sets, hashes, sorted sets, streams, Pub/Sub, scripts?',
    hint: 'yes or no; empty: no',
    read: readYesNo,
    matters: always,
  },
  {
    about: 'use',
    text: 'What is in it?',
    hint: 'cache, sessions, mixed (cache and data) or no-loss; empty: cache',
    read: readChoice(['cache', 'sessions', 'mixed', 'no-loss']),
    matters: always,
  },
  {
    about: 'persistence',
    text: 'Must it survive a restart?',
    hint: 'yes or no; empty: no',
    read: readYesNo,
    matters: so => !survives({ use: so.use, persistence: false }),
  },
  {
    about: 'failover',
    text: 'Must a replica take over when a node is lost?',
    hint: 'yes or no; empty: yes',
    read: readYesNo,
    matters: always,
  },
  {
    about: 'popularity',
    text: 'Which keys are worth keeping: those used lately, or the same favourites day by day?',
    hint: 'recent or frequent; empty: recent',
    read: readChoice(['recent', 'frequent']),
    matters: so => so.use === 'cache' && unlessMemcached(so),
  },
  {
    about: 'dataBytes',
    text: 'How much data, keys included?',
    hint: 'such as 500MB or 10GB; empty: 1GB',
    read: readSize,
    matters: always,
  },
  {
    about: 'grows',
    text: 'Will the data or its writes outgrow one node?',
    hint: 'yes or no; empty: no',
    read: readYesNo,
    matters: unlessMemcached,
  },
  {
    about: 'environment',
    text: 'What is it for?',
    hint: 'development or production; empty: production',
    read: readChoice(['development', 'production']),
    matters: always,
  },
  {
    about: 'hitRate',
    text: 'What part of the reads will it answer?',
    hint: 'percent; empty: 90',
    read: readPercent,
    matters: always,
  },
  {
    about: 'databaseUsd',
    text: 'What does the database behind it cost a month, in US dollars?',
    hint: 'such as 500; empty: not known',
    read: readUsd,
    matters: always,
  },
]

/** `ask` shows a question and gives the line that was typed. What flags have answered is not asked. */
export async function interview(given: Partial<Needs>, ask: (question: string) => Promise<string>): Promise<Needs> {
  let so: Needs = { ...defaultNeeds, ...given }
  for (const question of questions) {
    if (given[question.about] !== undefined || !question.matters(so)) continue
    so = { ...so, ...(await answered(question, ask)) }
  }
  return so
}

async function answered(
  { about, text, hint, read }: Question,
  ask: (question: string) => Promise<string>,
): Promise<Partial<Needs>> {
  for (let before = ''; ; before = 'That cannot be read. ') {
    const line = await ask(`${before}${text} (${hint}) `)
    if (line.trim() === '') return {}
    const value = read(line)
    if (value !== undefined) return { [about]: value }
  }
}
