import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MadeCertificate, makeCertificate, makeImage, makeSplitImage } from '@hyperkit/conformance'

/** An image on disk. */
export interface MadeImage {
  paths: readonly string[]
  bytes: readonly Buffer[]
  fingerprint: string
}

/** What all runs share: making it takes longer than a run. */
export interface Fixtures {
  folder: string
  /** The only folder in which a run writes. */
  out: string
  unified: MadeImage
  split: MadeImage
  /** An image that no server has. */
  fresh: MadeImage
  certificate: MadeCertificate
  remove(): void
}

/** Makes images and a certificate in a new folder. */
export async function makeFixtures(): Promise<Fixtures> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-hostile-'))
  const out = join(folder, 'out')
  mkdirSync(out)
  const one = async (name: string): Promise<MadeImage> => {
    const { path, fingerprint } = await makeImage({ directory: folder, name })
    return { paths: [path], bytes: [readFileSync(path)], fingerprint }
  }
  const { metadata, rootfs, fingerprint } = await makeSplitImage({ directory: folder, name: 'split' })
  const paths = [metadata.path, rootfs.path]
  return {
    folder,
    out,
    unified: await one('unified'),
    split: { paths, bytes: paths.map((path) => readFileSync(path)), fingerprint },
    fresh: await one('fresh'),
    certificate: makeCertificate({ name: 'hostile' }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
