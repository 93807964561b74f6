import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Client,
  type ConnectedEvent,
  copyImage,
  type ErrorCode,
  isHyperkitError,
  type ServerEvent,
} from '@hyperkit/core'
import type { CopyMode } from '@hyperkit/core/parts'
import type { CaseContext, MemberOfCluster } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'cluster'

/** What two members make different. They run on clusters only, whose replicas are 1: the files of an image lie on the member that took it. */
export const clusterCases: ConformanceCase[] = [
  {
    name: 'each member lists all members of its cluster, with their addresses and states',
    topic,
    async run(context) {
      const members = await context.members()
      for (const { client } of members) {
        const cluster = await client.cluster()
        ok(cluster.kind === 'cluster')
        deepEqual(
          cluster.members.map(({ name, url, state }) => [name, url, state]),
          members.map(({ name, url }) => [name, url, 'online']),
        )
        equal(cluster.members.filter(({ roles }) => roles.includes('database-leader')).length, 1)
      }
    },
  },
  {
    name: 'a stranger is not shown whether a server is clustered, and a single server is known to be none',
    topic,
    needs: ['second-server'],
    async run({ untrustedClient, source }) {
      const shown = await untrustedClient.cluster()
      deepEqual([shown.kind, shown.kind === 'hidden' && shown.reason !== ''], ['hidden', true])
      deepEqual(await source.client.cluster(), { kind: 'single' })
    },
  },
  {
    name: 'an image whose file is on another member is listed, shown, exported and verified',
    topic,
    async run(context) {
      const { spoken } = context
      const { holder, others, file } = await uploadToOne(context)
      for (const { client } of others) {
        const listed = (await client.images.list()).find(
          ({ fingerprint }) => fingerprint === file.fingerprint,
        )
        const shown = await client.images.get(file.fingerprint)
        for (const image of [listed, shown])
          deepEqual(image?.locations, spoken.imageLocations ? [holder.name] : undefined)
        ok(await client.images.hasContent(file.fingerprint))
        const exported = await client.images.export(file.fingerprint)
        ok(exported.kind === 'unified')
        equal(hashBytes(await readBytes(exported.body)), file.fingerprint)
      }
    },
  },
  {
    name: 'T82: an image whose file is on another member is relayed to a single server, and pulled if this version can',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { pullFromOtherMember: pull } = context.expected
      const modes: readonly CopyMode[] = pull === 'works' ? ['pull', 'relay'] : ['relay']
      if (pull !== 'works') {
        const { others, file } = await uploadToOne(context)
        const { client } = pick(others, 0)
        const copied = copyImage(client, context.source.client, file.fingerprint, { mode: 'pull' })
        match((await expectError(copied, 'copy-failed')).message, pull)
      }
      for (const mode of modes) {
        const { others, file } = await uploadToOne(context)
        const { client } = pick(others, 0)
        const copied = await copyImage(client, context.source.client, file.fingerprint, { mode })
        deepEqual([copied.image.fingerprint, copied.mode], [file.fingerprint, mode])
        ok(await context.source.client.images.hasContent(file.fingerprint))
      }
    },
  },
  {
    name: 'T81: a member cannot push an image whose file is on another member; it is copied in another way',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { others, file } = await uploadToOne(context)
      const { client } = pick(others, 0)
      const target = context.source.client
      const pushed = await expectError(
        copyImage(client, target, file.fingerprint, { mode: 'push' }),
        'copy-failed',
      )
      match(pushed.message, /no such file or directory/)
      const copied = await copyImage(client, target, file.fingerprint)
      deepEqual([copied.image.fingerprint, copied.mode === 'push'], [file.fingerprint, false])
      ok(await client.images.hasContent(file.fingerprint))
    },
  },
  {
    name: 'an image and its alias are deleted through a member that does not have its file',
    topic,
    async run(context) {
      const { holder, others, file } = await uploadToOne(context)
      const alias = context.unique('alias')
      await holder.client.aliases.create(alias, { target: file.fingerprint })
      const { client } = pick(others, 0)
      equal((await client.images.getByAlias(alias)).fingerprint, file.fingerprint)
      await client.images.delete(file.fingerprint)
      for (const member of [holder, ...others]) {
        equal(await member.client.images.find(file.fingerprint), undefined)
        equal(await member.client.aliases.find(alias), undefined)
      }
    },
  },
  {
    name: 'an operation of another member is listed, read, waited for and cancelled',
    topic,
    async run(context) {
      const [first, other] = await context.members()
      ok(first && other)
      const held = await holdDownload({ ...context, client: first.client })
      const id = held.handle.id ?? ''
      const listed = (await other.client.operations.list()).find((operation) => operation.id === id)
      const read = await other.client.operations.get(id)
      deepEqual([listed?.location, read.location, read.state], [first.name, first.name, 'running'])
      const waited = expectError(other.client.operations.wait(id), 'operation-cancelled')
      await other.client.operations.cancel(id)
      await waited
      held.source.release()
      await expectError(held.handle.wait(), 'operation-cancelled')
    },
  },
  {
    name: 'an event of another member arrives, and names it',
    topic,
    async run(context) {
      const [first, other] = await context.members()
      ok(first && other)
      const file = await context.imageFile()
      const event = await nextEvent(
        other.client,
        () => first.client.images.upload(file.source, { fingerprint: file.fingerprint }),
        ({ metadata }) =>
          metadata.action === 'image-created' && String(metadata.source).includes(file.fingerprint),
      )
      equal(event.location, first.name)
    },
  },
  {
    name: 'while a member is down, images are read, and an error about a file that only it has names it',
    topic,
    async run(context) {
      const { client, dead, file } = await killHolder(context)
      equal((await client.images.get(file.fingerprint)).fingerprint, file.fingerprint)
      ok((await client.images.fingerprints()).includes(file.fingerprint))
      const error = await expectError(client.images.export(file.fingerprint), 'unavailable')
      if (context.spoken.imageLocations) match(error.message, naming(dead))
      // The file is not lost, so nothing may be repaired.
      await expectError(client.images.hasContent(file.fingerprint), 'unavailable')
      await dead.start()
      ok(await onceAvailable(() => client.images.hasContent(file.fingerprint)))
    },
  },
  {
    name: 'while a member is down, no image can be deleted, and the error says which member to start again',
    topic,
    async run(context) {
      const { client, dead, file } = await killHolder(context)
      const elsewhere = await context.uploaded()
      for (const { fingerprint } of [file, elsewhere]) {
        const error = await expectError(client.images.delete(fingerprint), 'operation-failed')
        match(error.message, naming(dead))
        equal((await client.images.get(fingerprint)).fingerprint, fingerprint)
      }
      await dead.start()
      await onceAvailable(() => client.images.delete(file.fingerprint), 'operation-failed')
    },
  },
  {
    name: 'T83: a deletion while a member has just died says so if it has removed the file and left the record',
    topic,
    async run(context) {
      const { alive, spare } = await chooseSpare(context)
      const holder = (await context.members()).find(({ name }) => name !== alive.name && name !== spare.name)
      ok(holder)
      const { client } = alive
      const file = await context.imageFile()
      await holder.client.images.upload(file.source, { fingerprint: file.fingerprint })
      await kill(context, spare)
      const error = await expectError(client.images.delete(file.fingerprint), 'operation-failed')
      match(error.message, naming(spare))
      const isLost = !(await client.images.hasContent(file.fingerprint))
      equal(/its file is gone already/.test(error.message), isLost)
      await spare.start()
      await onceAvailable(() => client.images.delete(file.fingerprint), 'operation-failed')
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'while the member of an instance is down, the images in use cannot be listed, and the error names it',
    topic,
    needs: ['instance'],
    async run(context) {
      await context.instance()
      const members = await context.members()
      const { client } = pick(members, 1)
      ok((await onceAvailable(() => client.images.used())).size > 0)
      const name = await locationOfInstance(client)
      const dead = members.find((member) => member.name === name)
      const alive = members.find((member) => member.name !== name)
      ok(dead && alive)
      await kill(context, dead)
      await onceElected(alive.client, dead)
      const error = await expectError(alive.client.images.used(), 'unavailable')
      match(error.message, new RegExp(`"${dead.name}"`))
      await dead.start()
    },
  },
  {
    name: 'an operation of a member that is down is unavailable, and unknown once the member is up again',
    topic,
    async run(context) {
      const { alive, spare } = await chooseSpare(context)
      const held = await holdDownload({ ...context, client: spare.client })
      const id = held.handle.id ?? ''
      await kill(context, spare)
      held.source.release()
      const { operations } = alive.client
      if (context.expected.operationOfDeadMember === 'running') {
        equal((await operations.get(id)).state, 'running')
        ok((await operations.list()).some((operation) => operation.id === id))
      } else await expectError(operations.get(id), 'unavailable')
      await expectError(operations.cancel(id), 'unavailable')
      const waited = expectError(operations.wait(id), 'outcome-unknown')
      await spare.start()
      await waited
      // The handle waits at the member itself.
      await held.handle.wait().catch(() => {})
    },
  },
]

function pick(members: readonly MemberOfCluster[], index: number): MemberOfCluster {
  const member = members[index]
  ok(member)
  return member
}

async function uploadToOne(context: CaseContext) {
  const [holder, ...others] = await context.members()
  ok(holder)
  const file = await context.imageFile()
  await holder.client.images.upload(file.source, { fingerprint: file.fingerprint })
  return { holder, others, file }
}

/** A member to kill that keeps neither the database nor the server of the case, and one that lives. */
async function chooseSpare(
  context: CaseContext,
): Promise<{ alive: MemberOfCluster; spare: MemberOfCluster }> {
  const members = await context.members()
  const cluster = await context.client.cluster()
  ok(cluster.kind === 'cluster')
  const leader = cluster.members.find(({ roles }) => roles.includes('database-leader'))?.name
  const alive = members.find(({ url }) => url === context.target.server.url)
  const spare = members.find(({ name, url }) => name !== leader && url !== context.target.server.url)
  ok(alive && spare)
  return { alive, spare }
}

async function killHolder(context: CaseContext) {
  const { alive, spare } = await chooseSpare(context)
  const file = await context.imageFile()
  await spare.client.images.upload(file.source, { fingerprint: file.fingerprint })
  await kill(context, spare)
  return { client: alive.client, dead: spare, file }
}

/** The case starts it again; if it fails before, this does. */
async function kill(context: CaseContext, member: MemberOfCluster): Promise<void> {
  await onceAllVote(context.client)
  let isDown = true
  const { start } = member
  member.start = async () => {
    await start()
    isDown = false
  }
  context.cleanup(async () => {
    if (isDown) await start()
  })
  await member.kill('SIGKILL')
}

/** The other members notice with the next heartbeat that one has been started again. */
async function onceAvailable<T>(call: () => Promise<T>, code: ErrorCode = 'unavailable'): Promise<T> {
  for (;;)
    try {
      return await call()
    } catch (error) {
      if (!isHyperkitError(error, code)) throw error
      await delay(200)
    }
}

/** A member that was dead has no vote for some seconds; the loss of another one would leave the cluster without a majority. */
async function onceAllVote(client: Client): Promise<void> {
  const voters = ['database-leader', 'database', 'database-voter']
  for (;;) {
    const cluster = await onceAvailable(() => client.cluster())
    ok(cluster.kind === 'cluster')
    if (cluster.members.every(({ roles }) => roles.some((role) => voters.includes(role)))) return
    await delay(200)
  }
}

/** If the dead member was the leader, the others elect another; until then they refuse everything. */
async function onceElected(client: Client, dead: MemberOfCluster): Promise<void> {
  for (;;) {
    const cluster = await onceAvailable(() => client.cluster())
    ok(cluster.kind === 'cluster')
    const leader = cluster.members.find(({ roles }) => roles.includes('database-leader'))
    if (leader !== undefined && leader.name !== dead.name) return
    await delay(200)
  }
}

const naming = ({ name, url }: MemberOfCluster): RegExp => new RegExp(`member "${name}" \\(${url}\\)`)

async function locationOfInstance(client: Client): Promise<unknown> {
  const { metadata } = await client.request({ method: 'GET', path: '/1.0/instances/web1' })
  return (metadata as { location: unknown }).location
}

/** The first such event that a client receives, of those after the work has begun. */
async function nextEvent(
  client: Client,
  work: () => Promise<unknown>,
  wanted: (event: ServerEvent) => boolean,
): Promise<ServerEvent> {
  let begun: Promise<unknown> | undefined
  const isConnected = (event: ServerEvent | ConnectedEvent): event is ConnectedEvent =>
    event.type === 'connected'
  for await (const event of client.events()) {
    if (isConnected(event)) begun ??= work()
    else if (wanted(event)) {
      await begun
      return event
    }
  }
  throw new Error('the events ended')
}
