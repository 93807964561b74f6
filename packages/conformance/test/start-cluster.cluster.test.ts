import { existsSync } from 'node:fs'
import { connect } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { type ClusterMember, type RunningCluster, startCluster } from '../src/servers/start-cluster.ts'

describe.each(['incus-7.0', 'lxd-5.0.3'] as const)('a throw-away cluster of %s', (version) => {
  const absence = explainAbsence(`${version}-cluster`)
  let cluster: RunningCluster

  beforeAll(async () => {
    if (absence === undefined) cluster = await startCluster(version)
  })
  afterAll(() => cluster?.stop())

  test('all members show one certificate and trust one client', async (context) => {
    if (absence !== undefined) return context.skip(absence)
    for (const member of cluster.members) {
      const client = await open(member)
      expect(await client.server()).toMatchObject({
        trusted: true,
        clustered: true,
        serverName: member.name,
      })
    }
  })

  test('the other members answer while the leader is dead, and it joins them again', async (context) => {
    if (absence !== undefined) return context.skip(absence)
    const leader = await cluster.leader()
    const others = cluster.members.filter((member) => member !== leader)
    await leader.kill('SIGKILL')
    const orphan = await open(leader)
    await expect(orphan.server()).rejects.toThrow('ECONNREFUSED')
    for (const member of others) {
      const client = await open(member)
      expect(await client.images.list()).toEqual([])
    }
    expect(others).toContain(await cluster.leader())
    await leader.start()
    const client = await open(leader)
    expect(await client.images.list()).toEqual([])
  })

  test('a stopped cluster leaves no folder behind, although a member is dead', async (context) => {
    if (absence !== undefined) return context.skip(absence)
    const [, , dead] = cluster.members
    await dead.kill('SIGKILL')
    await cluster.stop()
    expect(cluster.members.filter(({ directory }) => existsSync(directory))).toEqual([])
  })
})

async function open({ url, serverCertificate, clientCertificate }: ClusterMember): Promise<Client> {
  const client = await connect({ url, serverCertificate, clientCertificate })
  onTestFinished(() => client.close())
  return client
}
