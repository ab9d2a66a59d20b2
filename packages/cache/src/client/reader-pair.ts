// A primary and the endpoint of its readers as one client: reads go to the readers while they are ready, everything else
// and every read in their absence goes to the primary. Readers lag, so a read may not see the write before it.
import type { Client, ClientEvent, Command, Reply } from './port.ts'
import { failureOf } from './failure.ts'

export function withReader(primary: Client, reader: Client): Client {
  const pick = (command: Command) => (command.readonly && reader.ready ? reader : primary)
  const paired: Client = {
    kind: primary.kind,
    cluster: primary.cluster,
    // A silent reader would not be noticed in time, so a memory in front falls back to the bus.
    tracking: false,
    get ready() {
      return primary.ready
    },
    send: command => pick(command).send(command),
    pipeline: commands => splitPipeline(commands, pick),
    subscribe: options => primary.subscribe(options),
    onInvalidate: listener => both(primary.onInvalidate(listener), reader.onInvalidate(listener)),
    onEvent: listener => both(primary.onEvent(listener), reader.onEvent(readerEvents(listener))),
    primaries: () => primary.primaries(),
    close: async () => void (await Promise.all([primary.close(), reader.close()])),
  }
  if (primary.duplicate) paired.duplicate = () => primary.duplicate!()
  if (primary.reset) paired.reset = () => primary.reset!()
  return paired
}

async function splitPipeline(commands: readonly Command[], pick: (command: Command) => Client) {
  return Promise.all(commands.map(command => pick(command).send(command).catch(failureOf) as Promise<Reply | Error>))
}

/** A reader's `ready` must not look like the primary's; its `lost` counts, since tracked reads went over it. */
function readerEvents(listener: (event: ClientEvent) => void): (event: ClientEvent) => void {
  return event => {
    if (event.type === 'lost' || event.type === 'error') listener(event)
  }
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first()
    second()
  }
}
