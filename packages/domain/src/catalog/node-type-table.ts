/**
 * Every node type that ElastiCache sells or has sold, one row per size.
 * Figures are AWS's: memory and bandwidth from "Supported node types", maxmemory and Memcached memory from the
 * node-type specific parameter tables. Three documented Memcached figures exceed the node's own memory (t3.medium,
 * m2.xlarge, c7gn.12xlarge); there the value is derived from maxmemory instead, and the row says so.
 */

import type { NodeTypeFamily } from './node-type-family.ts'
import { previousNodeTypeFamilies } from './node-type-table-previous.ts'

const upTo = (gbps: number): string => `Up to ${gbps} Gigabit`
const flat = (gbps: number): string => `${gbps} Gigabit`
const all = { redis: '2.6.13', valkey: '7.2', memcached: '1.4.5' }
const graviton2 = { redis: '5.0.6', valkey: '7.2', memcached: '1.5.16' }
const graviton3 = { redis: '6.2', valkey: '7.2', memcached: '1.5.16' }
const graviton4 = { valkey: '7.2', memcached: '1.6.6' }

const burstable: readonly NodeTypeFamily[] = [
  {
    family: 't2',
    generation: 3,
    current: true,
    since: all,
    roundsBufferDown: true,
    rows: [
      ['micro', 1, 0.555, 581959680, 555, 0.064, 'Low to moderate'],
      ['small', 1, 1.55, 1665138688, 1588, 0.128, 'Low to moderate'],
      ['medium', 2, 3.22, 3461349376, 3301, 0.256, 'Low to moderate'],
    ],
  },
  {
    family: 't3',
    generation: 5,
    current: true,
    since: { ...all, redis: '3.2.4' },
    roundsBufferDown: true,
    rows: [
      ['micro', 2, 0.5, 536870912, 512, 0.064, upTo(5)],
      ['small', 2, 1.37, 1471026299, 1402, 0.128, upTo(5)],
      // AWS lists 3364 MB, more than the node has; 3164 is what its twin t4g.medium has.
      ['medium', 2, 3.09, 3317862236, 3164, 0.256, upTo(5)],
    ],
  },
  {
    family: 't4g',
    generation: 6,
    current: true,
    since: graviton2,
    roundsBufferDown: true,
    rows: [
      ['micro', 2, 0.5, 536870912, 512, 0.064, upTo(5)],
      ['small', 2, 1.37, 1471026299, 1402, 0.128, upTo(5)],
      ['medium', 2, 3.09, 3317862236, 3164, 0.256, upTo(5)],
    ],
  },
]

const general: readonly NodeTypeFamily[] = [
  {
    family: 'm4',
    generation: 4,
    current: true,
    since: all,
    rows: [
      ['large', 2, 6.42, 6892593152, 6573, 0.45, 'Moderate'],
      ['xlarge', 4, 14.28, 15328501760, 11496, 0.75, 'High'],
      ['2xlarge', 8, 29.7, 31889126359, 30412, 1, 'High'],
      ['4xlarge', 16, 60.78, 65257290629, 62234, 2, 'High'],
      ['10xlarge', 40, 154.64, 166047614239, 158355, 5, flat(10)],
    ],
  },
  {
    family: 'm5',
    generation: 5,
    current: true,
    since: { ...all, redis: '3.2.4' },
    rows: [
      ['large', 2, 6.38, 6854542746, 6537, 0.75, upTo(10)],
      ['xlarge', 4, 12.93, 13891921715, 13248, 1.25, upTo(10)],
      ['2xlarge', 8, 26.04, 27966669210, 26671, 2.5, upTo(10)],
      ['4xlarge', 16, 52.26, 56116178125, 53516, 5, upTo(10)],
      ['12xlarge', 48, 157.12, 168715971994, 160900, 12, flat(12)],
      ['24xlarge', 96, 314.32, 337500562842, 321865, 25, flat(25)],
    ],
  },
  {
    family: 'm6g',
    generation: 6,
    current: true,
    since: graviton2,
    rows: [
      ['large', 2, 6.38, 6854542746, 6537, 0.75, upTo(10)],
      ['xlarge', 4, 12.93, 13891921715, 13248, 1.25, upTo(10)],
      ['2xlarge', 8, 26.04, 27966669210, 26671, 2.5, upTo(10)],
      ['4xlarge', 16, 52.26, 56116178125, 53516, 5, upTo(10)],
      ['8xlarge', 32, 103.68, 111325552312, 107000, 12, flat(12)],
      ['12xlarge', 48, 157.12, 168715971994, 160900, 20, flat(20)],
      ['16xlarge', 64, 209.55, 225000375228, 214577, 25, flat(25)],
    ],
  },
  {
    family: 'm7g',
    generation: 7,
    current: true,
    since: graviton3,
    rows: [
      ['large', 2, 6.38, 6854542746, 6537, 0.937, upTo(12.5)],
      ['xlarge', 4, 12.93, 13891921715, 13248, 1.876, upTo(12.5)],
      ['2xlarge', 8, 26.04, 27966669210, 26671, 3.75, upTo(15)],
      ['4xlarge', 16, 52.26, 56116178125, 53516, 7.5, upTo(15)],
      ['8xlarge', 32, 103.68, 111325552312, 107000, 15, flat(15)],
      ['12xlarge', 48, 157.12, 168715971994, 160900, 22.5, flat(22.5)],
      ['16xlarge', 64, 209.55, 225000375228, 214577, 30, flat(30)],
    ],
  },
  {
    family: 'm8g',
    generation: 8,
    current: true,
    since: graviton4,
    rows: [
      ['large', 2, 6.79, 7294178820, 6956, 0.937, upTo(12.5)],
      ['xlarge', 4, 14.18, 15222495510, 14517, 1.875, upTo(12.5)],
      ['2xlarge', 8, 29.68, 31866224640, 30390, 3.75, upTo(15)],
      ['4xlarge', 16, 61.33, 65856864256, 62806, 7.5, upTo(15)],
      ['8xlarge', 32, 124.65, 133838143488, 127638, 15, flat(15)],
      ['12xlarge', 48, 187.96, 201819422720, 192470, 22.5, flat(22.5)],
      ['16xlarge', 64, 251.27, 269800701952, 257302, 30, flat(30)],
    ],
  },
]

const memoryOptimised: readonly NodeTypeFamily[] = [
  {
    family: 'r4',
    generation: 4,
    current: true,
    since: { ...all, redis: '3.2.4' },
    roundsBufferDown: true,
    rows: [
      ['large', 2, 12.3, 13201781556, 12590, 0.75, upTo(10)],
      ['xlarge', 4, 25.05, 26898228839, 25652, 1.25, upTo(10)],
      ['2xlarge', 8, 50.47, 54197537997, 51686, 2.5, upTo(10)],
      ['4xlarge', 16, 101.38, 108858546586, 103815, 5, upTo(10)],
      ['8xlarge', 32, 203.26, 218255432090, 208144, 12, flat(10)],
      ['16xlarge', 64, 407, 437021573120, 416776, 25, flat(25)],
    ],
  },
  {
    family: 'r5',
    generation: 5,
    current: true,
    since: { ...all, redis: '3.2.4' },
    rows: [
      ['large', 2, 13.07, 14037181030, 13387, 0.75, upTo(10)],
      ['xlarge', 4, 26.32, 28261849702, 26953, 1.25, upTo(10)],
      ['2xlarge', 8, 52.82, 56711183565, 54084, 2.5, upTo(10)],
      ['4xlarge', 16, 105.81, 113609865216, 108347, 5, upTo(10)],
      ['12xlarge', 48, 317.77, 341206346547, 325400, 12, flat(12)],
      ['24xlarge', 96, 635.61, 682485973811, 650869, 25, flat(25)],
    ],
  },
  {
    family: 'r6g',
    generation: 6,
    current: true,
    since: graviton2,
    rows: [
      ['large', 2, 13.07, 14037181030, 13387, 0.75, upTo(10)],
      ['xlarge', 4, 26.32, 28261849702, 26953, 1.25, upTo(10)],
      ['2xlarge', 8, 52.82, 56711183565, 54084, 2.5, upTo(10)],
      ['4xlarge', 16, 105.81, 113609865216, 108347, 5, upTo(10)],
      ['8xlarge', 32, 209.55, 225000375228, 214577, 12, flat(12)],
      ['12xlarge', 48, 317.77, 341206346547, 325400, 20, flat(20)],
      ['16xlarge', 64, 419.09, 450000750456, 429154, 25, flat(25)],
    ],
  },
  {
    family: 'r6gd',
    generation: 6,
    current: true,
    since: { redis: '6.2', valkey: '7.2' },
    dataTiering: true,
    rows: [
      ['xlarge', 4, 26.32, 28261849702, undefined, 1.25, upTo(10)],
      ['2xlarge', 8, 52.82, 56711183565, undefined, 2.5, upTo(10)],
      ['4xlarge', 16, 105.81, 113609865216, undefined, 5, upTo(10)],
      ['8xlarge', 32, 209.55, 225000375228, undefined, 12, flat(12)],
      ['12xlarge', 48, 317.77, 341206346547, undefined, 20, flat(20)],
      ['16xlarge', 64, 419.09, 450000750456, undefined, 25, flat(25)],
    ],
  },
  {
    family: 'r7g',
    generation: 7,
    current: true,
    since: graviton3,
    rows: [
      ['large', 2, 13.07, 14037181030, 13387, 0.937, upTo(12.5)],
      ['xlarge', 4, 26.32, 28261849702, 26953, 1.876, upTo(12.5)],
      ['2xlarge', 8, 52.82, 56711183565, 54084, 3.75, upTo(15)],
      ['4xlarge', 16, 105.81, 113609865216, 108347, 7.5, upTo(15)],
      ['8xlarge', 32, 209.55, 225000375228, 214577, 15, flat(15)],
      ['12xlarge', 48, 317.77, 341206346547, 325400, 22.5, flat(22.5)],
      ['16xlarge', 64, 419.09, 450000750456, 429154, 30, flat(30)],
    ],
  },
  {
    family: 'r8g',
    generation: 8,
    current: true,
    since: graviton4,
    rows: [
      ['large', 2, 14.18, 15222495510, 14517, 0.937, upTo(12.5)],
      ['xlarge', 4, 29.68, 31866224640, 30390, 1.875, upTo(12.5)],
      ['2xlarge', 8, 61.33, 65856864256, 62806, 3.75, upTo(15)],
      ['4xlarge', 16, 124.65, 133838143488, 127638, 7.5, upTo(15)],
      ['8xlarge', 32, 251.27, 269800701952, 257302, 15, flat(15)],
      ['12xlarge', 48, 377.9, 405763260416, 386966, 22.5, flat(22.5)],
      ['16xlarge', 64, 504.52, 541725818880, 516630, 30, flat(30)],
    ],
  },
]

const networkOptimised: readonly NodeTypeFamily[] = [
  {
    family: 'c7gn',
    generation: 7,
    current: true,
    since: { ...graviton3, memcached: '1.6.6' },
    rows: [
      ['large', 2, 3.09, 3317862236, 3164, 6.25, upTo(30)],
      ['xlarge', 4, 6.38, 6854542746, 6537, 12.5, upTo(40)],
      ['2xlarge', 8, 12.94, 13891921715, 13248, 25, upTo(50)],
      ['4xlarge', 16, 26.05, 27966669210, 26671, 50, flat(50)],
      ['8xlarge', 32, 52.26, 56116178125, 53516, 100, flat(100)],
      // AWS lists 325400 MB, the figure of r7g.12xlarge; this one is maxmemory in MB.
      ['12xlarge', 48, 78.56, 84357985997, 80450, 150, flat(150)],
      ['16xlarge', 64, 105.81, 113609865216, 108347, 200, flat(200)],
    ],
  },
  {
    family: 'c8gn',
    generation: 8,
    current: true,
    since: graviton4,
    rows: [
      ['large', 2, 3.1, 3330020474, 3176, 6.25, upTo(30)],
      ['xlarge', 4, 6.79, 7294178820, 6956, 12.5, upTo(40)],
      ['2xlarge', 8, 14.18, 15222495510, 14517, 25, upTo(50)],
      ['4xlarge', 16, 29.68, 31866224640, 30390, 50, flat(50)],
      ['8xlarge', 32, 61.33, 65856864256, 62806, 100, flat(100)],
      ['12xlarge', 48, 92.99, 99847503872, 95222, 150, flat(150)],
      ['16xlarge', 64, 124.65, 133838143488, 127638, 200, flat(200)],
    ],
  },
]

export const nodeTypeFamilies: readonly NodeTypeFamily[] = [
  ...burstable,
  ...general,
  ...memoryOptimised,
  ...networkOptimised,
  ...previousNodeTypeFamilies,
]
