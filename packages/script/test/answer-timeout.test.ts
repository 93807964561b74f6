import { createClient, type Transport } from '@hyperkit/core'
import { type Outlet, openScreen } from '@hyperkit/terminal'
import { expect, test } from 'vitest'
import { defineScript, runScript } from '../src/index.ts'

const openOutlet = (): Outlet & { text: string } => ({
  text: '',
  isTerminal: false,
  size: () => ({ columns: 80, rows: 24 }),
  async write(text) {
    this.text += text
  },
})

test('--answer-timeout limits every client of a script', async () => {
  const hung: Transport = {
    origin: 'http://hung.invalid',
    name: 'hung',
    fetch: () => new Promise(() => undefined),
  }
  const asking = defineScript({
    description: 'Ask a server that never answers',
    connects: false,
    run: async ({ wrapTransport }) =>
      void (await createClient({ transport: wrapTransport(hung) }).aliases.list()),
  })
  const [stdout, stderr] = [openOutlet(), openOutlet()]
  const screen = openScreen({ stdout, stderr, environment: {} })
  expect(await runScript(asking, ['--answer-timeout', '30ms'], { command: 'ask', screen })).toBe(1)
  expect(stderr.text).toContain('Cannot read the description of the server on "hung": no answer within 30 ms')
})
