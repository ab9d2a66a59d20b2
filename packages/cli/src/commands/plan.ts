/** `hotshelf plan`: what control would do next for each group, and why. */
import type { PlanReport } from '@hotshelf/server'
import { paint, table } from '../output.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

export const planCommand: AddCommand = program => {
  askingServer(program.command('plan'))
    .description('show what Hotshelf would do next for a group, and why; changes nothing')
    .argument('[id]', 'a replication group; default: all')
    .action(async (id: string | undefined, options: RemoteOptions) => {
      const { server, output } = remote(options)
      const plans = await server.plan(id)
      if (output.json) return output.say(JSON.stringify(plans))
      if (plans.length === 0) return output.say('There are no groups, so there is nothing to do.')
      output.say(table(['group', 'next', 'why'], plans.map(row)))
      const troubles = plans.flatMap(troublesOf)
      if (troubles.length > 0) output.say(`\n${troubles.join('\n')}`)
    })
}

function row(plan: PlanReport): readonly string[] {
  if (!plan.next) return [plan.id, paint('green', 'nothing'), 'everything is as it should be']
  return [plan.id, paint('yellow', plan.next.do), plan.next.why]
}

const troublesOf = (plan: PlanReport): readonly string[] =>
  plan.conditions
    .filter(condition => !condition.ok)
    .map(condition => `${paint('red', plan.id)}: ${condition.message} (since ${condition.since})`)
