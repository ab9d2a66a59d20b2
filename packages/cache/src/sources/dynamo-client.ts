// What of the AWS SDK's DynamoDBDocument is used, by shape: pass `DynamoDBDocument.from(new DynamoDBClient({ … }))`.

export type Item = Record<string, unknown>

interface Reading {
  TableName: string
  ConsistentRead?: boolean
  ProjectionExpression?: string
  AttributesToGet?: string[]
  ExpressionAttributeNames?: Record<string, string>
}

export interface GetInput extends Reading {
  Key: Item
}

export interface KeysOfTable extends Omit<Reading, 'TableName'> {
  Keys: Item[]
}

export interface BatchGetInput {
  RequestItems: Record<string, KeysOfTable>
}

export interface QueryInput extends Reading {
  IndexName?: string
  KeyConditionExpression?: string
  FilterExpression?: string
  ExpressionAttributeValues?: Item
  ExclusiveStartKey?: Item
  Limit?: number
  ScanIndexForward?: boolean
  Select?: 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'SPECIFIC_ATTRIBUTES' | 'COUNT'
}

export interface ScanInput extends Omit<QueryInput, 'KeyConditionExpression' | 'ScanIndexForward'> {
  Segment?: number
  TotalSegments?: number
}

interface Writing {
  TableName: string
  ConditionExpression?: string
  ExpressionAttributeNames?: Record<string, string>
  ExpressionAttributeValues?: Item
}

export interface PutInput extends Writing {
  Item: Item
  ReturnValues?: 'NONE' | 'ALL_OLD'
}

export interface UpdateInput extends Writing {
  Key: Item
  UpdateExpression?: string
  ReturnValues?: 'NONE' | 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW'
}

export interface DeleteInput extends Writing {
  Key: Item
  ReturnValues?: 'NONE' | 'ALL_OLD'
}

export interface WriteRequest {
  PutRequest?: { Item: Item }
  DeleteRequest?: { Key: Item }
}

export interface BatchWriteInput {
  RequestItems: Record<string, WriteRequest[]>
}

export interface TransactItem {
  Put?: Omit<PutInput, 'ReturnValues'>
  Update?: Omit<UpdateInput, 'ReturnValues'> & { UpdateExpression: string }
  Delete?: Omit<DeleteInput, 'ReturnValues'>
  ConditionCheck?: Writing & { Key: Item; ConditionExpression: string }
}

export interface TransactWriteInput {
  TransactItems: TransactItem[]
  ClientRequestToken?: string
}

export interface QueryOutput {
  Items?: Item[] | undefined
  Count?: number | undefined
  ScannedCount?: number | undefined
  LastEvaluatedKey?: Item | undefined
}

export interface BatchGetOutput {
  Responses?: Record<string, Item[]> | undefined
  UnprocessedKeys?: Record<string, unknown> | undefined
}

interface Written {
  Attributes?: Item | undefined
}

export interface DocumentClient {
  get(input: GetInput): Promise<{ Item?: Item | undefined }>
  batchGet(input: BatchGetInput): Promise<BatchGetOutput>
  query(input: QueryInput): Promise<QueryOutput>
  scan(input: ScanInput): Promise<QueryOutput>
  put(input: PutInput): Promise<Written>
  update(input: UpdateInput): Promise<Written>
  delete(input: DeleteInput): Promise<Written>
  batchWrite(input: BatchWriteInput): Promise<object>
  transactWrite(input: TransactWriteInput): Promise<object>
}

/** A read whose answer is not, or not all of, the item as the cache would keep it. */
export function passesThrough({
  ConsistentRead,
  ProjectionExpression,
  AttributesToGet,
}: Omit<Reading, 'TableName'>): boolean {
  return ConsistentRead === true || ProjectionExpression !== undefined || AttributesToGet !== undefined
}
