import { expect, test } from 'vitest'
import { makeAppointments } from './keep-appointments.ts'
import type { Look } from './queue/agenda.ts'

interface Gate {
  open(): void
  readonly opened: Promise<void>
}

function makeGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('there is never more than one look, and what comes during it is one look after it', async () => {
  const abort = new AbortController()
  const looks: Look[] = []
  const [begun, hold, second] = [makeGate(), makeGate(), makeGate()]
  let running = 0
  let most = 0
  const appointments = makeAppointments({
    signal: abort.signal,
    untilScheduled: () => 3_600_000,
    async look(look) {
      running += 1
      most = Math.max(most, running)
      looks.push(look)
      begun.open()
      if (looks.length === 1) await hold.opened
      else second.open()
      running -= 1
    },
  })
  const kept = appointments.keep()
  appointments.note(undefined, 0, 'start')
  await begun.opened
  for (let burst = 0; burst < 100; burst++) appointments.note(burst % 2 === 0 ? 'a' : 'b', 0, 'event')
  hold.open()
  await second.opened
  abort.abort()
  await kept
  expect(most).toBe(1)
  expect(looks).toEqual([
    { servers: 'all', reasons: ['start'] },
    { servers: ['a', 'b'], reasons: ['event'] },
  ])
})

test('all servers are looked at when the schedule says so, from the end of the look before', async () => {
  const abort = new AbortController()
  const looks: Look[] = []
  const delays = [0, 0, 3_600_000]
  const appointments = makeAppointments({
    signal: abort.signal,
    untilScheduled: () => delays[looks.length] ?? 3_600_000,
    async look(look) {
      looks.push(look)
      if (looks.length === 2) queueMicrotask(() => abort.abort())
    },
  })
  await appointments.keep()
  expect(looks.map(({ reasons }) => reasons)).toEqual([['schedule'], ['schedule']])
})

test('an abort ends it while it waits, and nothing is looked at any more', async () => {
  const abort = new AbortController()
  const looks: Look[] = []
  const appointments = makeAppointments({
    signal: abort.signal,
    untilScheduled: () => 3_600_000,
    look: async (look) => void looks.push(look),
  })
  const kept = appointments.keep()
  abort.abort()
  appointments.note(undefined, 0, 'event')
  await kept
  expect(looks).toEqual([])
})
