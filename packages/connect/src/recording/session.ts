import { resolve } from 'node:path'
import type { TapeServer } from '@hyperkit/core/parts'
import { createSecretHider, type SecretHider } from './hide-secrets.ts'
import { nameFile } from './name-file.ts'
import { openTapeFolder, type TapeFolder } from './tape-folder.ts'

/** One recording under way. */
export interface Session {
  hider: SecretHider
  keepBytes: number
  /** Hides one more text wherever it occurs from now on. */
  hideToo(secret: string): void
  /** A number and a name, without its ending, for a request or a WebSocket that begins now. */
  begin(server: TapeServer, what: string): { file: number; stem: string }
  write(name: string, document: unknown): void
  append(name: string, text: string): void
  /** Gives the name back. */
  keep(name: string, bytes: Uint8Array): string
  /** How many requests and WebSockets to a server have begun. */
  begunWith(server: TapeServer): number
}

/** What all transports of this process that write into one folder share: a secret of one server is shown to another. */
interface Shared {
  folder: TapeFolder
  secrets: string[]
  hider: SecretHider
  begun: Map<string, number>
}

const shared = new Map<string, Shared>()

/** @throws HyperkitError `file-unwritable` */
export function openSession(options: {
  directory: string
  keepBytes: number
  secrets: readonly string[]
}): Session {
  const { folder, secrets, hider, begun } = share(resolve(options.directory))
  secrets.push(...options.secrets)
  return {
    hider,
    keepBytes: options.keepBytes,
    hideToo(secret) {
      if (!secrets.includes(secret)) secrets.push(secret)
    },
    begin(server, what) {
      const file = folder.next()
      begun.set(server.origin, (begun.get(server.origin) ?? 0) + 1)
      return { file, stem: nameFile(file, server.name, hider.text(file, what)) }
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

function share(path: string): Shared {
  const there = shared.get(path)
  if (there !== undefined) return there
  const secrets: string[] = []
  const made = { folder: openTapeFolder(path), secrets, hider: createSecretHider(secrets), begun: new Map() }
  shared.set(path, made)
  return made
}
