import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRecorder, createRecorderIfAsked } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { open, send, until } from './open-transport.ts'
import { echo, serveHttp } from './serve.ts'

const secret = 'be517e0a22918980ab76013a78dc55fb62f1d7f1'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hyperkit-tapes-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function read(directory: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(directory)).sort()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })),
  )
}

test('transports of one recorder share the numbers and the hidden secrets', async () => {
  const { url } = await until(serveHttp(echo))
  const directory = await folder()
  const recorder = createRecorder({ directory })
  const one = recorder.record(await open({ url, name: 'one' }))
  const two = recorder.record(await open({ url, name: 'two' }))
  await (await send(one, '/1.0', { method: 'PUT', body: JSON.stringify({ secret }) })).text()
  await (await send(two, '/1.0', { method: 'PUT', body: JSON.stringify({ log: `used ${secret}.` }) })).text()
  const tapes = await read(directory)
  expect(tapes.map(({ name }) => name)).toEqual(['0001-one-PUT-server.json', '0002-two-PUT-server.json'])
  for (const { text } of tapes) expect(text).toContain('hyperkit-hidden-1-1')
  for (const { text } of tapes) expect(text).not.toContain(secret)
})

test('two recordings in one process do not share secrets', async () => {
  const { url } = await until(serveHttp(echo))
  const [first, second] = [await folder(), await folder()]
  const transport = await open({ url, name: 'lab' })
  const one = createRecorder({ directory: first, secrets: ['a-text-to-hide'] }).record(transport)
  const two = createRecorder({ directory: second }).record(transport)
  for (const recorded of [one, two])
    await (await send(recorded, '/1.0', { method: 'PUT', body: '{"note":"a-text-to-hide"}' })).text()
  expect((await read(first))[0]?.text).not.toContain('a-text-to-hide')
  expect((await read(second))[0]?.text).toContain('a-text-to-hide')
})

test('two recordings into one folder do not overwrite the tapes of each other', async () => {
  const { url } = await until(serveHttp(echo))
  const directory = await folder()
  const transport = await open({ url, name: 'lab' })
  const [one, two] = [1, 2].map(() => createRecorder({ directory }).record(transport))
  if (one === undefined || two === undefined) return
  await Promise.all([one, two].map(async (recorded) => (await send(recorded, '/1.0')).text()))
  await (await send(two, '/1.0')).text()
  expect(await readdir(directory)).toHaveLength(3)
})

test('a recorder is made only if the environment asks for it', async () => {
  expect(createRecorderIfAsked({})).toBeUndefined()
  expect(createRecorderIfAsked({ HYPERKIT_RECORD: '' })).toBeUndefined()
  expect(createRecorderIfAsked({ HYPERKIT_RECORD: await folder() })).toBeDefined()
})
