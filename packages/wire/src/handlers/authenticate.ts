/**
 * Who calls. With a key lookup every request must be signed by a key that it finds; without one any credentials are
 * believed, and none as well: a server for one's own machine.
 */
import { codeOfRefusal } from '../authenticate/refusal.ts'
import { verifySignature } from '../authenticate/signature-v4.ts'
import type { WireSettings } from '../create-wire.ts'
import type { Exchange } from '../exchange.ts'
import { wireFault } from '../fault.ts'

export async function authenticate(exchange: Exchange, settings: WireSettings): Promise<void> {
  const { keys, believesEverybody, ownRegionOnly, maxSkewMs, now } = settings.authenticate ?? {}
  if (!keys || (await believesEverybody?.())) {
    const { accountId } = settings
    const accessKeyId = exchange.scope?.accessKeyId
    exchange.caller = { accountId, arn: `arn:aws:iam::${accountId}:root`, accessKeyId }
    return
  }
  const verified = await verifySignature(exchange.request, {
    keys,
    ...(now && { now }),
    ...(maxSkewMs !== undefined && { maxSkewMs }),
    ...(ownRegionOnly && { region: settings.region }),
  })
  if (!verified.ok) {
    const { code, status } = codeOfRefusal(verified.refusal.kind, exchange.protocol.name)
    throw wireFault(code, verified.refusal.message, { status })
  }
  exchange.key = verified.key
  const { accountId, arn, accessKeyId } = verified.key
  exchange.caller = { accountId, arn, accessKeyId }
}
