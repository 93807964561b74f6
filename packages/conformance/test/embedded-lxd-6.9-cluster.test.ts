import { connect } from '@hyperkit/connect'
import { copyImage } from '@hyperkit/core'
import { expect, onTestFinished, test } from 'vitest'
import { clusterCases } from '../src/cases/cluster.ts'
import { openContext } from '../src/harness/open-context.ts'
import { openEmbeddedCluster } from '../src/harness/open-embedded-cluster.ts'
import { runCases } from './run-cases.ts'

runCases('embedded lxd-6.9-cluster', () => openEmbeddedCluster('lxd-6.9'), undefined, clusterCases)

test('T77: a push into a cluster of LXD 6.9 fails although the image is stored, and the copy ends with a warning', async () => {
  const target = await openEmbeddedCluster('lxd-6.9', -1)
  onTestFinished(() => target.close())
  const { context, close } = await openContext(target)
  onTestFinished(close)
  const { client, source, imageFile } = context
  const file = await imageFile()
  await source.client.images.upload(file.source, { fingerprint: file.fingerprint })
  const warnings: string[] = []
  const onWarning = (message: string): void => void warnings.push(message)
  const copied = await copyImage(source.client, client, file.fingerprint, { mode: 'push', onWarning })
  expect([copied.mode, copied.image.fingerprint]).toEqual(['push', file.fingerprint])
  expect(warnings).toEqual([
    expect.stringMatching(
      /Failed syncing image between nodes: .*: Forbidden; .* is complete on the server nevertheless, without a copy on member "m1" \(https:.*\)$/,
    ),
  ])
  expect(await client.images.hasContent(file.fingerprint)).toBe(true)
  // An upload is copied to all members.
  const own = await context.uploaded()
  const other = target.members?.[0]
  if (other === undefined) throw new Error('no members')
  const { url, serverCertificate, clientCertificate } = other
  const there = await connect({ url, serverCertificate, clientCertificate })
  onTestFinished(() => there.close())
  expect(await there.images.hasContent(own.fingerprint)).toBe(true)
})
