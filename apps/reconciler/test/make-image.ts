import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Makes a unified image that real servers accept. Its fingerprint depends on the content. */
export function makeImage(path: string, content: string, moreMetadata = ''): void {
  const metadata = `architecture: x86_64\ncreation_date: 1700000000\n${moreMetadata}properties:\n  os: hyperkit\n  description: a test image\n`
  const entries = [
    tarEntry('metadata.yaml', metadata),
    tarEntry('rootfs/', ''),
    tarEntry('rootfs/hello', `#!/bin/sh\necho ${content}\n`),
  ]
  writeFileSync(path, gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)])))
}

/** Makes the two files of a split image. */
export function makeSplitImage(paths: { metadata: string; rootfs: string }, content: string): void {
  const metadata = 'architecture: x86_64\ncreation_date: 1700000000\n'
  writeFileSync(
    paths.metadata,
    gzipSync(Buffer.concat([tarEntry('metadata.yaml', metadata), Buffer.alloc(1024)])),
  )
  writeFileSync(paths.rootfs, gzipSync(Buffer.concat([tarEntry('hello', content), Buffer.alloc(1024)])))
}

function tarEntry(name: string, content: string): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.alloc(512)
  const isFolder = name.endsWith('/')
  header.write(name, 0)
  header.write(isFolder ? '0000755\0' : '0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(isFolder ? '5' : '0', 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}
