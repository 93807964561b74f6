import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { downloadFolder, sweepDownloads } from '../sources/download-folder.ts'

/** An image that a run has begun to bring to a server. */
export interface UploadNote {
  fingerprint: string
  /** The properties that mark its owner. */
  marks: Readonly<Record<string, string>>
}

/**
 * What runs on this machine have begun and not ended. If a run is killed together with the server, which then forgets its tokens,
 * nothing else tells the next run that an image without an owner is its own.
 */
export interface UploadNotes {
  /** @param place the server and project, in any form that is the same in the next run */
  begin(place: string, note: UploadNote): Promise<void>
  /** Removes a note. */
  end(place: string, fingerprint: string): Promise<void>
  /** The notes that are still there. */
  left(place: string): Promise<UploadNote[]>
}

/** Days after which a note is removed: that of a server that was never reached again. */
const keptFor = 90

const noteSchema = v.object({
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  marks: v.record(v.string(), v.string()),
})

/**
 * The notes of a manifest's uploads on this machine.
 *
 * @param manifest the name of the manifest
 * @param folder @default `$XDG_CACHE_HOME/hyperkit/uploads`, with `~/.cache` as the default
 */
export function openUploadNotes(
  manifest: string,
  folder: string = join(downloadFolder(), '..', 'uploads'),
): UploadNotes {
  const prefixOf = (place: string): string =>
    createHash('sha256')
      .update(JSON.stringify([manifest, place]))
      .digest('hex')
      .slice(0, 32)
  const pathOf = (place: string, fingerprint: string): string =>
    join(folder, `${prefixOf(place)}-${fingerprint}.json`)
  return {
    async begin(place, note) {
      // Without the note the upload is as good as before; only a kill at the wrong moment is not.
      await mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => writeFile(pathOf(place, note.fingerprint), JSON.stringify(note), { mode: 0o600 }))
        .catch(() => {})
    },
    end: (place, fingerprint) => rm(pathOf(place, fingerprint), { force: true }).catch(() => {}),
    async left(place) {
      await sweepDownloads(folder, keptFor)
      const names = await readdir(folder).catch(() => [])
      const own = names.filter((name) => name.startsWith(prefixOf(place))).sort()
      const notes = await Promise.all(own.map((name) => readNote(join(folder, name))))
      return notes.filter((note) => note !== undefined)
    },
  }
}

/** Undefined if it was cut while it was written; then the upload had not begun. */
async function readNote(path: string): Promise<UploadNote | undefined> {
  try {
    return v.parse(noteSchema, JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
