/** The SNS topic that hears of a group's events. Topics are not looked up: one that comes later is notified from then on. */
import { fault } from '@hotshelf/domain'

export function readNotificationTopic(arn: string | undefined): string | undefined {
  if (arn === undefined || arn === '') return undefined
  if (/^arn:aws:sns:[^:]+:[^:]+:[^:]+$/.test(arn)) return arn
  throw fault('InvalidParameterValueException', `Invalid SNS topic ARN: ${arn}`)
}
