/** CloudWatch Logs: the log groups that a cache's logs are delivered to. Streams and events are not built. */
import { createLogGroup } from './log-group/create-log-group.ts'
import { deleteLogGroup } from './log-group/delete-log-group.ts'
import { deleteRetentionPolicy } from './log-group/delete-retention-policy.ts'
import { describeLogGroups } from './log-group/describe-log-groups.ts'
import { putRetentionPolicy } from './log-group/put-retention-policy.ts'
import type { LogsOperations } from './operation.ts'
import { listTagsLogGroup, tagLogGroup, untagLogGroup } from './tag/by-log-group-name.ts'
import { listTagsForResource } from './tag/list-tags-for-resource.ts'
import { tagResource } from './tag/tag-resource.ts'
import { untagResource } from './tag/untag-resource.ts'

export const cloudwatchLogs: LogsOperations = {
  CreateLogGroup: createLogGroup,
  DeleteLogGroup: deleteLogGroup,
  DescribeLogGroups: describeLogGroups,
  PutRetentionPolicy: putRetentionPolicy,
  DeleteRetentionPolicy: deleteRetentionPolicy,
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsLogGroup: listTagsLogGroup,
  TagLogGroup: tagLogGroup,
  UntagLogGroup: untagLogGroup,
}
