import { bigEndian, type RandomBytes } from './random-bytes.ts'

const cut = 'its end is missing: its tables refer to clusters beyond the end of the file'

/**
 * Judges a qcow2 file by its tables: the tables themselves, and every cluster that they name, must begin within the file. The
 * last cluster may be shorter than the others (https://www.qemu.org/docs/master/interop/qcow2.html).
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkQcow2(bytes: RandomBytes): Promise<string | undefined> {
  const header = await bytes.read(0, 72)
  if (header.byteLength < 72) return 'its end is missing: it is shorter than the header of a qcow2 file'
  const clusterBits = bigEndian(header, 20, 4)
  if (clusterBits < 9 || clusterBits > 21)
    return `its header is damaged: it gives a cluster size of 2^${clusterBits} bytes`
  const clusterSize = 2 ** clusterBits
  const entries = bigEndian(header, 36, 4)
  const tableAt = bigEndian(header, 40, 8)
  const refcountsAt = bigEndian(header, 48, 8)
  const refcountsSize = bigEndian(header, 56, 4) * clusterSize
  if (refcountsAt + refcountsSize > bytes.size || tableAt + entries * 8 > bytes.size) return cut
  const tables = await readTable(bytes, tableAt, entries)
  for (const table of tables.map(offsetOf)) {
    if (table === 0) continue
    if (table + clusterSize > bytes.size) return cut
    for (const entry of await readTable(bytes, table, clusterSize / 8))
      if (clusterOf(entry, clusterBits) >= bytes.size) return cut
  }
  return undefined
}

interface Entry {
  high: number
  low: number
}

async function readTable(bytes: RandomBytes, at: number, entries: number): Promise<Entry[]> {
  const table = await bytes.read(at, entries * 8)
  return Array.from({ length: Math.floor(table.byteLength / 8) }, (_, index) => ({
    high: bigEndian(table, index * 8, 4),
    low: bigEndian(table, index * 8 + 4, 4),
  }))
}

/** Bits 9 to 55: the upper byte has flags, the lower nine bits are reserved. */
function offsetOf({ high, low }: Entry): number {
  return (high % 2 ** 24) * 2 ** 32 + (low - (low % 512))
}

/** Where the data of an entry begins; 0 if it has none. */
function clusterOf(entry: Entry, clusterBits: number): number {
  const isCompressed = Math.floor(entry.high / 2 ** 30) % 2 === 1
  if (!isCompressed) return offsetOf(entry)
  // The upper bits of a compressed cluster's address say how many sectors it has.
  const addressBits = 62 - (clusterBits - 8)
  return ((entry.high % 2 ** 30) * 2 ** 32 + entry.low) % 2 ** addressBits
}
