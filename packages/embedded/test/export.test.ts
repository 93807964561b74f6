import { describe, expect, test } from 'vitest'
import { createImageServer } from '../src/index.ts'
import { send, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

describe.each(['lxd', 'incus'] as const)('exports on %s', async (dialect) => {
  const server = createImageServer({ dialect })
  const archive = await makeArchive()
  const size = archive.byteLength
  const { metadata } = await upload(server, archive)
  const get = (headers: Record<string, string> = {}) =>
    send(server, 'GET', `/1.0/images/${metadata.fingerprint.slice(0, 20)}/export`, { headers })
  const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer())

  test('an exported file has its length, its date and a name made from the fingerprint', async () => {
    const response = await get()
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(size),
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-disposition': `inline;filename=${metadata.fingerprint}.tar.gz`,
      ...(dialect === 'incus' ? { 'x-incus-type': 'incus' } : {}),
    })
    expect(response.headers.get('etag')).toBeNull()
    expect(await bytes(response)).toEqual(archive)
    const again = await get({ 'if-modified-since': response.headers.get('last-modified') ?? '' })
    expect(again.status).toBe(304)
  })

  test.each([
    ['bytes=5-9', 5, 10],
    ['bytes=0-0', 0, 1],
    ['bytes=10-', 10, size],
    ['bytes=-7', size - 7, size],
    ['bytes=3-999999', 3, size],
  ])('an export with "Range: %s" answers with those bytes', async (range, start, end) => {
    const response = await get({ range })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`)
    expect(response.headers.get('content-length')).toBe(String(end - start))
    expect(await bytes(response)).toEqual(archive.subarray(start, end))
  })

  test('an export of several ranges answers in parts', async () => {
    const response = await get({ range: 'bytes=1-2,4-5' })
    expect(response.headers.get('content-type')).toMatch(/^multipart\/byteranges; boundary=/)
    const body = await bytes(response)
    expect(body.toString('latin1')).toContain(`Content-Range: bytes 4-5/${size}`)
    expect(response.headers.get('content-length')).toBe(String(body.byteLength))
  })

  test('an export with an invalid range answers 416 without a Content-Range', async () => {
    for (const range of ['items=1-2', 'bytes=a-b', 'bytes=5-2']) {
      const response = await get({ range })
      expect([response.status, response.headers.get('content-range')]).toEqual([416, null])
      expect((await bytes(response)).toString()).toBe('invalid range\n')
    }
    expect((await get({ range: 'bytes=' })).status).toBe(200)
  })

  test('an export with a range past the end answers 416, on LXD with a wrong length', async () => {
    const response = await get({ range: `bytes=${size}-` })
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe(`bytes */${size}`)
    expect(response.headers.get('content-length')).toBe(dialect === 'lxd' ? String(size) : '33')
    expect((await bytes(response)).toString()).toBe('invalid range: failed to overlap\n')
  })
})
