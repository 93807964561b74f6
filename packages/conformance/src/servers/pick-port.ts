import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A loopback port that was free a moment ago. Below Linux's ephemeral range (32768 and up), so that no outgoing
 * connection takes it while a daemon restarts.
 */
export async function pickPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(12_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new Error('Cannot pick a port: 50 random ports between 12000 and 32000 are all taken')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
