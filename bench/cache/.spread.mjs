import { createClient } from '@redis/client'
const c = createClient({ url: 'redis://127.0.0.1:17911', RESP: 3, commandOptions: { timeout: undefined }, disableOfflineQueue: true })
c.on('error', () => {}); await c.connect(); await c.set('k', 'x'.repeat(240))
const O = { typeMapping: { 36: Buffer, 37: Array }, timeout: undefined }
const p = c.withCommandOptions({ typeMapping: { 36: Buffer, 37: Array }, timeout: undefined })
const args = ['GET', 'k']
const ops = { options: () => c.sendCommand(args, O), proxy: () => p.sendCommand(args), get: () => c.get('k'), plain: () => c.sendCommand(args) }
async function m(op, ms) { let n = 0; const end = performance.now() + ms; const c0 = process.cpuUsage(); const t = performance.now(); await Promise.all(Array.from({ length: 100 }, async () => { while (performance.now() < end) { await op(); n++ } })); const u = process.cpuUsage(c0); return [(u.user + u.system) / n, n / (performance.now() - t)] }
for (const op of Object.values(ops)) await m(op, 300)
const r = {}
for (let i = 0; i < 15; i++) for (const [k, op] of Object.entries(ops)) (r[k] ??= []).push(await m(op, 100))
for (const k in r) console.log(k, 'cpu µs/op', r[k].map(x => x[0]).sort((a, b) => a - b)[7].toFixed(2), 'min', Math.min(...r[k].map(x => x[0])).toFixed(2), 'k/s', r[k].map(x => x[1]).sort((a, b) => a - b)[7].toFixed(0))
process.exit()
