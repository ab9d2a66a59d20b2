/** Everything that can be found in a group, the worst first. Pure: the same facts, the same findings. */
import type { GroupFacts } from './facts.ts'
import { type GroupFinding, inOrder } from './finding.ts'
import { encodingFindings } from './findings/encodings.ts'
import { keyFindings } from './findings/keys.ts'
import { memoryFindings } from './findings/memory.ts'
import { useFindings } from './findings/use.ts'

export const findingsOf = (facts: GroupFacts): readonly GroupFinding[] =>
  inOrder([...memoryFindings(facts), ...keyFindings(facts), ...encodingFindings(facts), ...useFindings(facts)])
