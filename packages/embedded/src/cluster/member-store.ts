import { Failure } from '../answer/failure.ts'
import type { Store, StoredBlob } from '../store/store.ts'
import type { Cluster, Member } from './cluster.ts'

/** The records that all members share, and files on the disk of one member: it reads those of the others from these while they are up. */
export function memberStore(records: Store, cluster: Cluster, own: Member): Store {
  const up = (): Member[] => cluster.members.filter(({ down }) => down === undefined)
  return {
    readRecords: (kind) => records.readRecords(kind),
    writeRecord: (kind, key, value) => records.writeRecord(kind, key, value),
    deleteRecord: (kind, key) => records.deleteRecord(kind, key),
    async draftBlob() {
      const draft = await own.disk.draftBlob()
      return {
        ...draft,
        async commit(name) {
          await draft.commit(name)
          cluster.place(name, own)
        },
      }
    },
    async openBlob(name) {
      const names = cluster.locationsOf(name)
      const holders = [own, ...up()].filter((member) => names.includes(member.name))
      if (names.length > 0 && holders.length === 0)
        throw new Failure(500, 'Image not available on any online member')
      return firstOf(holders, name)
    },
    async deleteBlob(name) {
      for (const { disk } of up()) await disk.deleteBlob(name)
      cluster.remove(name)
    },
    async sweep(keep) {
      for (const member of cluster.members) {
        await member.disk.sweep(keep)
        for (const name of keep) if (await member.disk.openBlob(name)) cluster.place(name, member)
      }
    },
  }
}

async function firstOf(members: readonly Member[], name: string): Promise<StoredBlob | undefined> {
  for (const { disk } of members) {
    const found = await disk.openBlob(name)
    if (found !== undefined) return found
  }
  return undefined
}
