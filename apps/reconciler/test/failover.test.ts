import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import { closeWithoutAnswer, createImageServer, type Listening } from '@hyperkit/embedded'
import { afterAll, expect, test } from 'vitest'
import { prepareInterruptedApply } from './interrupted-apply.ts'
import type { Front, Interruption } from './open-front.ts'
import { openOver } from './open-server.ts'
import type { Started } from './start-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-failover-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Each point starts a command. Core's own test loses the answer to each kind of request, and the soak kills real members at any moment.
const pointsApart = 9

/** A server with two addresses, of which the first dies after an answer. */
interface Pair extends Pick<Front, 'second' | 'yaml' | 'client'> {
  dieAfter(answers: number, onEnd: (code: number | null, stderr: string) => void): Interruption
  close(): Promise<void>
}

async function openPair(): Promise<Pair> {
  let onAnswer: ((answer: Response) => Promise<Response>) | undefined
  const server = createImageServer({
    dialect: 'incus-6.0',
    async faults(_request, answer) {
      const given = await answer()
      return onAnswer === undefined ? given : onAnswer(given)
    },
  })
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'reconciler' })
  const transport = {
    name: 'embedded',
    origin: 'http://embedded',
    fetch: (input: Request | string, init?: object) => server.fetch(new Request(input, init)),
  }
  await createClient({ transport }).certificates.create('reconciler', { certificate })
  let first: Listening = await server.listen({ https: {} })
  const second = await server.listen({ https: {} })
  const { port, url } = first
  const opened = await openOver(folder, {
    url: second.url,
    serverCertificate: second.certificate,
    clientCertificate: { cert: certificate, key },
  })
  let isDown = false
  return {
    second: opened,
    client: opened.client,
    yaml: opened.yaml.replace(`"${second.url}"`, `["${url}", "${second.url}"]`),
    dieAfter(answers, onEnd) {
      let count = 0
      let child: Started | undefined
      onAnswer = async (answer) => {
        count++
        if (count < answers || isDown) return answer
        isDown = true
        await first.close()
        return closeWithoutAnswer()
      }
      return {
        watch(started) {
          child = started
        },
        async happened() {
          onAnswer = undefined
          const ended = await child?.ended
          onEnd(ended?.code ?? null, ended?.stderr ?? '')
          if (!isDown) return false
          first = await server.listen({ https: { port } })
          isDown = false
          return true
        },
      }
    },
    async close() {
      await opened.close()
      await server.close()
    },
  }
}

test('an apply whose member dies after any answer goes on through another one in the same run', {
  timeout: 600_000,
}, async () => {
  const pair = await openPair()
  const codes: (number | null)[] = []
  const notes: string[] = []
  const onEnd = (code: number | null, stderr: string): void => {
    codes.push(code)
    notes.push(stderr)
  }
  try {
    const apply = await prepareInterruptedApply(folder, pair)
    const points = await apply.trySwap((answers) => pair.dieAfter(answers, onEnd), pointsApart)
    console.log(`${points} answers of a swap with pruning, ${codes.length} runs`)
    expect(points).toBeGreaterThan(10)
    expect(codes, notes.join('\n')).toEqual(codes.map(() => 0))
    const [interrupted] = notes
    expect(interrupted).toMatch(/it: "https:.*" does not answer \(.*\); went on through "https:/)
  } finally {
    await pair.close()
  }
})
