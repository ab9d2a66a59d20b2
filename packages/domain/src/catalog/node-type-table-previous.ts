/**
 * Node types that ElastiCache no longer sells; groups that run on them live on, and may scale away from them.
 * Memory is the figure of the "Previous generation nodes" page; replica buffers that are not a tenth of maxmemory
 * stand in the row, as DescribeEngineDefaultParameters answers them for redis2.8.
 */
import type { NodeTypeFamily } from './node-type-family.ts'

const previous = { redis: '2.6.13', memcached: '1.4.5' }

export const previousNodeTypeFamilies: readonly NodeTypeFamily[] = [
  {
    family: 't1',
    generation: 1,
    current: false,
    since: previous,
    roundsBufferDown: true,
    rows: [['micro', 1, 0.213, 142606336, 213, undefined, 'Very Low']],
  },
  {
    family: 'm1',
    generation: 1,
    current: false,
    since: previous,
    rows: [
      ['small', 1, 1.3, 943718400, 1301, undefined, 'Low'],
      ['medium', 1, 3.35, 3093299200, 3350, undefined, 'Moderate'],
      ['large', 2, 7.1, 7025459200, 7100, undefined, 'Moderate'],
      ['xlarge', 4, 14.6, 14889779200, 14600, undefined, 'High'],
    ],
  },
  {
    family: 'm2',
    generation: 2,
    current: false,
    since: previous,
    rows: [
      // AWS lists 33800 MB, more than the node has; this one is maxmemory in MB.
      ['xlarge', 2, 16.7, 17091788800, 16300, undefined, 'Moderate'],
      ['2xlarge', 4, 33.8, 35022438400, 30412, undefined, 'Moderate'],
      ['4xlarge', 8, 68, 70883737600, 68000, undefined, 'High'],
    ],
  },
  {
    family: 'c1',
    generation: 2,
    current: false,
    since: previous,
    rows: [['xlarge', 8, 6.6, 6501171200, 6600, undefined, 'High']],
  },
  {
    family: 'm3',
    generation: 3,
    current: false,
    since: previous,
    rows: [
      ['medium', 1, 2.78, 2988441600, 2850, undefined, 'Moderate', 309329920],
      ['large', 2, 6.05, 6501171200, 6200, undefined, 'Moderate'],
      ['xlarge', 4, 13.3, 14260633600, 13600, undefined, 'High'],
      ['2xlarge', 8, 27.9, 29989273600, 28600, undefined, 'High'],
    ],
  },
  {
    family: 'r3',
    generation: 4,
    current: false,
    since: previous,
    rows: [
      ['large', 2, 13.5, 14470348800, 13800, undefined, 'Moderate', 1468006400],
      ['xlarge', 4, 28.4, 30513561600, 29100, undefined, 'Moderate', 3040870400],
      ['2xlarge', 8, 58.2, 62495129600, 59600, undefined, 'High', 6081740800],
      ['4xlarge', 16, 118, 126458265600, 120600, undefined, 'High', 12268339200],
      ['8xlarge', 32, 237, 254384537600, 120600, undefined, '10 Gigabit', 24536678400],
    ],
  },
]
