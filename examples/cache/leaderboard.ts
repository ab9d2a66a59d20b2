// The guide's code example 4: a live ranking. Equal scores share a rank, and the members around one are asked in one step,
// so the ranking cannot move between finding the rank and reading its neighbours.
import { connect, Leaderboard } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const board = new Leaderboard(connection, { name: 'example' })
await board.remove('ada', 'grace', 'edsger', 'barbara')

await board.set('ada', 300)
await board.set('grace', 200)
await board.set('edsger', 200)
await board.set('barbara', 100)
console.log('barbara now has', await board.add('barbara', 50))
await board.set('ada', 10, { only: 'better' })

for (const { rank, member, score } of await board.top(10)) console.log(rank, member, score)
console.log('rank of barbara:', (await board.standing('barbara'))?.rank)
console.log('around grace:', (await board.around('grace', 1))?.map(({ member }) => member).join(' '))
console.log('not on the board:', await board.standing('nobody'))

await connection.close()
