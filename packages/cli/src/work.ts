/** What is going on in a group, in words and, where the words count something, as a bar. Pure. */
import type { GroupReport } from '@hotshelf/server'

export interface Work {
  /** What is done now; undefined when nothing is. */
  readonly now: string | undefined
  /** What keeps it from being done. */
  readonly trouble: readonly string[]
}

export const workOf = (group: GroupReport): Work => ({
  now: group.conditions.find(condition => condition.type === 'Progressing')?.message,
  trouble: [
    ...(group.failure === undefined ? [] : [group.failure]),
    ...group.conditions.filter(condition => !condition.ok).map(condition => condition.message),
  ],
})

const cells = 20

/** `moved 1024 of 4096 slots` gets `[#####---------------]  25 %` before it; a sentence that counts nothing stays as it is. */
export function withBar(sentence: string): string {
  const counted = /(\d+) of (\d+)/.exec(sentence)
  const [done, all] = [Number(counted?.[1]), Number(counted?.[2])]
  if (!(all > 0) || done > all) return sentence
  const full = Math.floor((done / all) * cells)
  const percent = String(Math.floor((done / all) * 100)).padStart(3)
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}] ${percent} %  ${sentence}`
}
