import { deepEqual, equal } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'upload'

export const cases: ConformanceCase[] = [
  {
    name: 'an uploaded image comes back byte for byte',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 300_000 })
      const image = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      equal(image.fingerprint, file.fingerprint)
      equal(image.size, file.size)
      equal(image.type, 'container')
      const exported = await client.images.export(file.fingerprint)
      equal(exported.kind, 'unified')
      if (exported.kind !== 'unified') return
      deepEqual([exported.start, exported.totalSize], [0, file.size])
      equal(hashBytes(await readBytes(exported.body)), file.fingerprint)
    },
  },
]
