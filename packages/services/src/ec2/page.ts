/** Pages of EC2's lists: 5 to 1000 results, by NextToken. */
import { type NextTokenPage, pageByNextToken, wireFault } from '@hotshelf/wire'
import { invalidValue } from './refusals.ts'

export interface PageInput {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

/** `scope` is the operation: a token of another one is refused. */
export const pageOf = <Item>(
  items: readonly Item[],
  input: PageInput,
  scope: string,
  keyOf: (item: Item) => string,
): NextTokenPage<Item> =>
  pageByNextToken(items, input, {
    keyOf,
    scope,
    min: 5,
    max: 1000,
    outOfRange: (given, { min, max }) =>
      invalidValue(
        `Value ( ${given} ) for parameter maxResults is invalid. Expecting a value between ${min} and ${max}.`,
      ),
    badToken: () => wireFault('InvalidNextToken', 'The token is not valid.'),
  })
