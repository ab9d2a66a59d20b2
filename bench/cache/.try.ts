import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { subjects } from '/work/main/bench/cache/subjects/index.ts'
const port = 17911
const server = spawn('valkey-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
  stdio: 'ignore',
})
process.on('exit', () => server.kill('SIGKILL'))
await new Promise(r => setTimeout(r, 600))
const want = process.argv[2] ?? ''
const rounds = process.argv[3] ?? '9'
const ms = process.argv[4] ?? '100'
for (const [i, s] of subjects.entries()) {
  const name = `${s.feature} ${s.library} ${s.note ?? ''}`
  if (!new RegExp(want).test(name)) continue
  const child = fork('/work/main/bench/cache/one-subject.ts', [String(i), String(port), rounds, ms], {
    execArgv: [...process.execArgv, ...(process.env.ARGS?.split(' ') ?? [])],
  })
  const r = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (!Array.isArray(r[0])) {
    console.log(name, 'FAILED', r)
    continue
  }
  for (const row of r[0])
    console.log(
      name.padEnd(60),
      String(row.concurrency).padStart(4),
      Math.round(row.ours).toLocaleString().padStart(11),
      Math.round(row.baseline).toLocaleString().padStart(11),
      row.ratio.toFixed(2).padStart(7),
      `[${row.lowest.toFixed(2)}-${row.highest.toFixed(2)}]`.padStart(15),
      row.cpuRatio.toFixed(2).padStart(6),
    )
}
process.exit(0)
