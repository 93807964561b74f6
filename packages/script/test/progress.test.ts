import { type Outlet, openScreen } from '@hyperkit/terminal'
import { afterEach, expect, test, vi } from 'vitest'
import { openBoard, openConsole } from '../src/command.ts'
import { defineScript, runScript } from '../src/index.ts'

const openOutlet = (isTerminal: boolean): Outlet & { text: string } => ({
  text: '',
  isTerminal,
  size: () => ({ columns: 60, rows: 10 }),
  async write(text) {
    this.text += text
  },
})

/** Runs two transfers at once; the first ends when the second is half done. */
const script = defineScript({
  description: 'Move two things',
  connects: false,
  async run({ progress, print }) {
    let halfDone = (): void => {}
    const half = new Promise<void>((resolve) => {
      halfDone = resolve
    })
    await Promise.all([
      progress('first \u001b[2J', async (onProgress) => {
        onProgress({ stage: 'upload', bytes: 10, totalBytes: 100 })
        await half
      }),
      progress('second', async (onProgress) => {
        onProgress({ stage: 'upload', bytes: 50, totalBytes: 100 })
        halfDone()
      }),
    ])
    print('moved')
  },
})

async function run(isTerminal: boolean, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = [openOutlet(false), openOutlet(isTerminal)]
  const screen = openScreen({ stdout, stderr, environment: {} })
  expect(await runScript(script, words, { command: 'move', screen })).toBe(0)
  return { stdout: stdout.text, stderr: stderr.text }
}

test('on a terminal each transfer has a bar, which is removed at the end', async () => {
  const { stdout, stderr } = await run(true)
  expect(stdout).toBe('moved\n')
  expect(stderr).toMatch(/first \\u001b\[2J {2}\[[#-]+\].*\nsecond {9,}\[[#-]+\]/)
  expect(stderr.endsWith('\u001b[J')).toBe(true)
})

test('without a terminal each transfer is a line, without cursor control', async () => {
  expect(await run(false)).toEqual({ stdout: 'moved\n', stderr: 'first \\u001b[2J\nsecond\n' })
})

test('--quiet shows no progress', async () => {
  expect(await run(true, '--quiet')).toEqual({ stdout: 'moved\n', stderr: '' })
})

test('a step that its caller announced is repeated every ten seconds, not when it begins', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const stderr = openOutlet(true)
  const screen = openScreen({ stdout: openOutlet(false), stderr, environment: {} })
  const board = openBoard(openConsole(screen, { hasColours: false }), { hasBars: false })
  const step = board.begin('prod: a', { announced: 'prod: upload image a', totalBytes: 1000 })
  for (const bytes of [100, 200, 300]) {
    vi.advanceTimersByTime(5000)
    step.take({ bytes })
  }
  step.stop()
  expect(stderr.text).toBe('prod: upload image a, 20 %, 200 bytes of 1.0 kB, 20 bytes/s, 40 s left\n')
})

test('bars hide what the console hides', async () => {
  const stderr = openOutlet(true)
  const console = openConsole(openScreen({ stdout: openOutlet(false), stderr, environment: {} }), {
    hasColours: false,
  })
  console.hide((text) => text.replaceAll('hush', '***'))
  const board = openBoard(console)
  board.begin('prod: hush')
  board.clear()
  expect(stderr.text).toContain('prod: ***')
  expect(stderr.text).not.toContain('hush')
})

afterEach(() => {
  vi.useRealTimers()
})
