// Counters, histogram and spans, read back through the real SDK.
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import type { Cache } from '../cache/cache.ts'
import { Listeners } from '../client/listeners.ts'
import type { CacheEvent } from './events.ts'
import { instrument } from './open-telemetry.ts'
import { newStats } from './stats.ts'

test('hits are counted, loads are timed and traced, and keys stay private', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  const spans = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const events = new Listeners<CacheEvent>()
  const stats = { ...newStats(), hits: 7 }
  const cache = { stats, onEvent: (listener: (event: CacheEvent) => void) => events.add(listener) } as Cache
  const stop = instrument(cache, { name: 'users', meter: meters.getMeter('t'), tracer: tracers.getTracer('t') })
  events.emit({ type: 'load', key: 'user:1', ms: 25, background: false })
  events.emit({ type: 'load-failed', key: 'user:2', error: new Error('down'), servedStale: false })
  await meters.forceFlush()
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics))
  const named = (name: string) => metrics.find(metric => metric.descriptor.name === name)!.dataPoints[0]!
  expect(named('cache.hits')).toMatchObject({ value: 7, attributes: { 'cache.name': 'users' } })
  expect(named('cache.load.duration').value).toMatchObject({ count: 1, sum: 0.025 })
  expect(spans.getFinishedSpans().map(span => [span.name, span.status.code])).toEqual([
    ['cache.load', 0],
    ['cache.load', 2],
  ])
  expect(JSON.stringify(spans.getFinishedSpans().map(span => span.attributes))).not.toContain('user:1')
  stop()
  await meters.shutdown()
})
