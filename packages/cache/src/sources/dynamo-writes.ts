// Which items a write changes: the one place that knows the shapes of DynamoDB's writes.
import type { BatchWriteInput, DeleteInput, Item, PutInput, TransactWriteInput, UpdateInput } from './dynamo-client.ts'

/** An item, or at least its key attributes. */
export interface Changed {
  readonly table: string
  readonly item: Item
}

export const changedBy = {
  put: ({ TableName, Item }: PutInput): readonly Changed[] => [{ table: TableName, item: Item }],
  update: ({ TableName, Key }: UpdateInput): readonly Changed[] => [{ table: TableName, item: Key }],
  delete: ({ TableName, Key }: DeleteInput): readonly Changed[] => [{ table: TableName, item: Key }],
  batchWrite: ({ RequestItems }: BatchWriteInput): readonly Changed[] =>
    Object.entries(RequestItems).flatMap(([table, requests]) =>
      requests.flatMap(({ PutRequest, DeleteRequest }) => {
        const item = PutRequest?.Item ?? DeleteRequest?.Key
        return item === undefined ? [] : [{ table, item }]
      }),
    ),
  transactWrite: ({ TransactItems }: TransactWriteInput): readonly Changed[] =>
    TransactItems.flatMap(({ Put, Update, Delete }) => [
      ...(Put ? [{ table: Put.TableName, item: Put.Item }] : []),
      ...(Update ? [{ table: Update.TableName, item: Update.Key }] : []),
      ...(Delete ? [{ table: Delete.TableName, item: Delete.Key }] : []),
    ]),
}
