// usage: feature-note-regex concurrency seconds
import { subjects } from './subjects/index.ts'
import { Session } from 'node:inspector/promises'
import { writeFileSync } from 'node:fs'
const [want, conc, secs] = process.argv.slice(2)
const s = subjects.find(x => new RegExp(want!).test(`${x.feature} ${x.library} ${x.note ?? ''}`))!
const r = await s.open(17911)
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: 200 })
let n = 0
const loop = async (end: number) => {
  while (performance.now() < end) await r.operation(n++)
}
await Promise.all(Array.from({ length: Number(conc) }, () => loop(performance.now() + 1000)))
n = 0
await session.post('Profiler.start')
const c0 = process.cpuUsage()
const t0 = performance.now()
await Promise.all(Array.from({ length: Number(conc) }, () => loop(performance.now() + Number(secs) * 1000)))
const c = process.cpuUsage(c0)
const { profile } = await session.post('Profiler.stop')
const el = performance.now() - t0
console.log(
  s.feature,
  s.library,
  'c',
  conc,
  Math.round((n / el) * 1000),
  '/s',
  ((c.user + c.system) / n).toFixed(2),
  'µs cpu/op',
  ((el / n) * 1000).toFixed(2),
  'µs wall/op',
)
const self = new Map<string, number>()
const total = profile.timeDeltas!.reduce((a, b) => a + b, 0)
const nodes = new Map(profile.nodes.map(x => [x.id, x]))
profile.samples!.forEach((id, i) => {
  const f = nodes.get(id)!.callFrame
  const k = `${f.functionName || '(anon)'} ${f.url.split('/').slice(-3).join('/')}:${f.lineNumber + 1}`
  self.set(k, (self.get(k) ?? 0) + profile.timeDeltas![i]!)
})
for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 28))
  console.log(((v / total) * 100).toFixed(1).padStart(5) + '%', (v / n).toFixed(2).padStart(6) + ' µs/op', k)
process.exit(0)
