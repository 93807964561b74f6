import { expect, test } from 'vitest'
import { passBytes } from './pass-bytes.ts'

test.each(['bytes', undefined] as const)(
  'a reader that cancels during a read causes neither an end nor a failure (type %s)',
  async (type) => {
    const told: string[] = []
    let begun = (): void => {}
    const reading = new Promise<void>((resolve) => {
      begun = resolve
    })
    const source = new ReadableStream({
      ...(type === undefined ? {} : { type }),
      pull() {
        begun()
        return new Promise(() => {})
      },
      cancel: (reason: unknown) => void told.push(`source: ${reason}`),
    } as unknown as UnderlyingDefaultSource<Uint8Array>)
    const passed = passBytes(source, {
      take: () => void told.push('take'),
      end: () => void told.push('end'),
      cancelled: () => void told.push('cancelled'),
      failed: (error) => told.push(`failed: ${error}`),
    })
    const reader = passed.getReader()
    const read = reader.read()
    await reading
    await reader.cancel('enough')
    expect(await read).toEqual({ done: true, value: undefined })
    await new Promise((resolve) => setTimeout(resolve))
    expect(told).toEqual(['cancelled', 'source: enough'])
  },
)
