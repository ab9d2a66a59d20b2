// OpenTelemetry metrics and traces, an optional peer: import '@hotshelf/cache/otel'. Counters are read when the exporter
// collects, so a hit costs nothing more; loads, which are slow anyway, get a histogram and a span each.
import {
  type BatchObservableCallback,
  type Meter,
  SpanStatusCode,
  type Tracer,
  metrics,
  trace,
} from '@opentelemetry/api'
import type { Cache } from '../cache/cache.ts'
import type { CacheStats } from './stats.ts'

export interface InstrumentOptions {
  /** The attribute `cache.name` of everything. */
  readonly name: string
  /** Default: those registered globally. */
  readonly meter?: Meter
  readonly tracer?: Tracer
  /** Keys may be personal data; they are attributes of spans only when this is on. Default false. */
  readonly keys?: boolean
}

const COUNTERS: readonly (readonly [keyof CacheStats, string, string])[] = [
  ['hits', 'cache.hits', '{read}'],
  ['memoryHits', 'cache.hits.memory', '{read}'],
  ['staleHits', 'cache.hits.stale', '{read}'],
  ['misses', 'cache.misses', '{read}'],
  ['stores', 'cache.stores', '{entry}'],
  ['storedBytes', 'cache.stored', 'By'],
  ['readBytes', 'cache.read', 'By'],
  ['errors', 'cache.errors', '{error}'],
]

/** Returns what stops it. */
export function instrument(cache: Cache, options: InstrumentOptions): () => void {
  const meter = options.meter ?? metrics.getMeter('@hotshelf/cache')
  const tracer = options.tracer ?? trace.getTracer('@hotshelf/cache')
  const attributes = { 'cache.name': options.name }
  const counters = COUNTERS.map(([field, name, unit]) => ({
    field,
    counter: meter.createObservableCounter(name, { unit }),
  }))
  const loadTime = meter.createHistogram('cache.load.duration', { unit: 's' })
  const observe: BatchObservableCallback = result => {
    for (const { field, counter } of counters) result.observe(counter, cache.stats[field], attributes)
  }
  const observables = counters.map(({ counter }) => counter)
  meter.addBatchObservableCallback(observe, observables)
  const span = (key: string, ms: number, error?: Error) => {
    const ended = Date.now()
    const named = { ...attributes, ...(options.keys ? { 'cache.key': key } : {}) }
    const loading = tracer.startSpan('cache.load', { startTime: ended - ms, attributes: named })
    if (error) {
      loading.recordException(error)
      loading.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    }
    loading.end(ended)
  }
  const stop = cache.onEvent(event => {
    if (event.type === 'load') {
      loadTime.record(event.ms / 1000, attributes)
      span(event.key, event.ms)
    } else if (event.type === 'load-failed') span(event.key, 0, event.error)
  })
  return () => {
    stop()
    meter.removeBatchObservableCallback(observe, observables)
  }
}
