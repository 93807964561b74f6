import { expect, test } from 'vitest'
import { createRegistry } from './registry.ts'

test('metrics are rendered in the text format of Prometheus', () => {
  const registry = createRegistry()
  const runs = registry.counter('runs_total', 'Runs so far.')
  runs.add(1, { result: 'changed' })
  runs.add(2, { result: 'changed' })
  runs.add(0, { result: 'failed' })
  registry.gauge('connected', 'A \\ and\na line.').set(1, { server: 'a "b"\\\nc' })
  registry.gauge('free', 'Without labels.').set(0.25)
  expect(registry.render()).toBe(
    [
      '# HELP runs_total Runs so far.',
      '# TYPE runs_total counter',
      'runs_total{result="changed"} 3',
      'runs_total{result="failed"} 0',
      '# HELP connected A \\\\ and\\na line.',
      '# TYPE connected gauge',
      'connected{server="a \\"b\\"\\\\\\nc"} 1',
      '# HELP free Without labels.',
      '# TYPE free gauge',
      'free 0.25',
      '',
    ].join('\n'),
  )
})

test('a histogram counts values up to the bound of each bucket', () => {
  const registry = createRegistry()
  const seconds = registry.histogram('seconds', 'How long.', [1, 5])
  for (const value of [0.5, 1, 3, 60]) seconds.observe(value)
  expect(registry.render().split('\n').slice(2, -1)).toEqual([
    'seconds_bucket{le="1"} 2',
    'seconds_bucket{le="5"} 3',
    'seconds_bucket{le="+Inf"} 4',
    'seconds_sum 64.5',
    'seconds_count 4',
  ])
})

test('removed samples are no longer rendered', () => {
  const registry = createRegistry()
  const pending = registry.gauge('pending', 'To do.')
  const changes = registry.counter('changes_total', 'Done.')
  for (const server of ['a', 'b']) {
    pending.set(1, { server })
    changes.add(1, { server, action: 'upload-image' })
  }
  registry.remove({ server: 'a' })
  expect(registry.render()).not.toContain('server="a"')
  pending.remove({ server: 'b' })
  expect(registry.render()).toContain('changes_total{server="b",action="upload-image"} 1')
  expect(registry.render()).not.toContain('pending{')
})
