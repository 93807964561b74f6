import type { Screen } from '@hyperkit/terminal'
import { expect, test } from 'vitest'
import { openConsole } from './open-console.ts'

/** A screen that keeps what is written, with or without colours. */
function keepScreen(hasColours: boolean): { screen: Screen; written: string[] } {
  const written: string[] = []
  const keep = async (text: string): Promise<void> => void written.push(text)
  const screen: Screen = {
    out: keep,
    error: keep,
    live: (lines) => void written.push(...lines),
    size: () => ({ columns: 80, rows: 24 }),
    isLive: true,
    outHasColours: hasColours,
    errorHasColours: hasColours,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  return { screen, written }
}

// Sets the clipboard, returns to the start of the line, is a sequence of one character, turns the direction round.
const hostile = 'a\u001b]52;c;eA==\u0007\r\u009b2J\u202eb'
const shown = 'a\\u001b]52;c;eA==\\u0007\\u000d\\u009b2J\\u202eb'

test.each([true, false])(
  'a console writes out what would control the terminal, with colours: %s',
  async (hasColours) => {
    const { screen, written } = keepScreen(hasColours)
    const console = openConsole(screen, { hasColours: true })
    await console.result(hostile)
    await console.error(hostile)
    await console.note(`${hostile}\n\tmore`)
    console.live([hostile])
    expect(written).toEqual([shown, shown, `${shown}\n\tmore`, shown])
  },
)

test('a console writes its own colours, and no other sequence', async () => {
  const { screen, written } = keepScreen(true)
  const console = openConsole(screen, { hasColours: true })
  await console.result(console.paint('error', hostile))
  expect(written).toEqual([`\u001b[31m${shown}\u001b[39m`])
})

test('a document that a console prints reads as it was, and controls no terminal', async () => {
  const { screen, written } = keepScreen(false)
  openConsole(screen, { hasColours: false }).event({ message: hostile })
  expect(written[0]).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(written[0] ?? '')).toEqual({ message: hostile })
})
