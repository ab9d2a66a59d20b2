// What a cache tells `onEvent`. Events are made only while someone listens; the counters in `stats.ts` always count.

export type CacheEvent =
  | { readonly type: 'hit'; readonly key: string; readonly level: 1 | 2; readonly stale: boolean }
  | { readonly type: 'miss'; readonly key: string }
  | { readonly type: 'load'; readonly key: string; readonly ms: number; readonly background: boolean }
  | { readonly type: 'load-failed'; readonly key: string; readonly error: Error; readonly servedStale: boolean }
  | { readonly type: 'store'; readonly key: string; readonly bytes: number }
  /** What was loaded was not stored: the key was deleted or set while it was loading. */
  | { readonly type: 'fenced'; readonly key: string }
  | { readonly type: 'big-value'; readonly key: string; readonly bytes: number }
  /** The server was away or an entry unreadable; the call went on as documented. */
  | { readonly type: 'error'; readonly operation: string; readonly key: string; readonly error: Error }
