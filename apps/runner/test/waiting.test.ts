import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { startHyperkit } from './start-command.ts'

test('a script says which server it waits for, and gives up when the connection ends', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hk-waiting-'))
  const sockets = new Set<Socket>()
  // It accepts and never answers.
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    mkdirSync(join(home, 'incus'))
    writeFileSync(
      join(home, 'incus', 'config.yml'),
      `default-remote: edge1\nremotes:\n  edge1: { addr: "https://127.0.0.1:${port}", protocol: incus }\n`,
    )
    const { certificate, key } = await createSelfSignedCertificate({ commonName: 'me' })
    writeFileSync(join(home, 'incus', 'client.crt'), certificate)
    writeFileSync(join(home, 'incus', 'client.key'), key, { mode: 0o600 })
    const { ended, shows } = await startHyperkit(['list', '--answer-timeout', '1h'], {
      cwd: home,
      environment: { HOME: home, INCUS_CONF: join(home, 'incus'), LXD_CONF: join(home, 'lxc') },
    })
    await shows('waiting for edge1 …')
    for (const socket of sockets) socket.destroy()
    server.close()
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^waiting for edge1 …\n.*"edge1": /)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(home, { recursive: true, force: true })
  }
})
