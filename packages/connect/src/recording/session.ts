import { resolve } from 'node:path'
import type { TapeServer } from '@hyperkit/core/parts'
import { createSecretHider, type SecretHider } from './hide-secrets.ts'
import { nameFile } from './name-file.ts'
import { openTapeFolder } from './tape-folder.ts'

/** A recording in progress, which all of its transports share. */
export interface Session {
  hider: SecretHider
  keepBytes: number
  /** Hides one more text wherever it occurs from now on. */
  hideToo(secret: string): void
  /** Gives a request or a WebSocket that begins now a number, and a name without its ending. */
  begin(server: TapeServer, what: string): { file: number; stem: string }
  write(name: string, document: unknown): void
  append(name: string, text: string): void
  /** @returns the name */
  keep(name: string, bytes: Uint8Array): string
  /** The number of requests and WebSockets to a server that have begun. */
  begunWith(server: TapeServer): number
}

/** @throws HyperkitError `file-unwritable` */
export function openSession(options: {
  directory: string
  keepBytes: number
  secrets: readonly string[]
}): Session {
  const secrets = [...options.secrets]
  const hider = createSecretHider(secrets)
  const folder = openTapeFolder(resolve(options.directory))
  const begun = new Map<string, number>()
  return {
    hider,
    keepBytes: options.keepBytes,
    hideToo(secret) {
      if (!secrets.includes(secret)) secrets.push(secret)
    },
    begin(server, what) {
      begun.set(server.origin, (begun.get(server.origin) ?? 0) + 1)
      for (;;) {
        const file = folder.next()
        const stem = nameFile(file, server.name, hider.text(file, what))
        // Another recording into the same folder may have written this file since the folder was opened.
        if (!folder.has(stem)) return { file, stem }
      }
    },
    write: (name, document) => folder.write(name, `${JSON.stringify(document, undefined, 2)}\n`),
    append: folder.append,
    keep(name, bytes) {
      folder.write(name, bytes)
      return name
    },
    begunWith: (server) => begun.get(server.origin) ?? 0,
  }
}
