import { listRemotes } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import type {
  Candidate,
  CandidateSource,
  CompletedKind,
  UnfinishedLine,
} from '../arguments/argument-metadata.ts'
import { splitRemoteName } from '../arguments/split-remote-name.ts'
import { openClients } from '../client/open-clients.ts'
import type { Wanted } from './wanted.ts'

/** The time limit in milliseconds. It is short because the user waits for the completion. */
const patience = 2_000

/** The values of the flags that choose the server. */
export interface AskedServer {
  remote: string | undefined
  project: string | undefined
}

/** A word whose completions have to be read. */
export type AskedNames = Pick<Wanted, 'prefix' | 'isQualified'> & { kind: CompletedKind | CandidateSource }

/** Reads names from servers and from the client configuration; returns none if a server does not answer in time. */
export async function askNames(
  { kind, prefix, isQualified }: AskedNames,
  asked: AskedServer,
  valuesOf: UnfinishedLine['valuesOf'],
): Promise<readonly Candidate[]> {
  const signal = AbortSignal.timeout(patience)
  const late = new Promise<Candidate[]>((resolve) => signal.addEventListener('abort', () => resolve([])))
  const found =
    typeof kind === 'function' ? kind({ valuesOf, signal }) : ask(kind, prefix, isQualified, asked, signal)
  return Promise.race([found.catch(() => []), late])
}

async function ask(
  kind: CompletedKind,
  prefix: string,
  isQualified: boolean,
  { remote, project }: AskedServer,
  signal: AbortSignal,
): Promise<Candidate[]> {
  if (kind === 'file' || kind === 'directory') return []
  const remotes = (await listRemotes()).filter(({ disabled }) => disabled === undefined)
  const names = [...new Set(remotes.map(({ name }) => name))]
  const asWords = (end: string): Candidate[] =>
    names.map((name) => ({
      word: `${name}${end}`,
      description: remotes.find((one) => one.name === name)?.addresses[0] ?? '',
    }))
  if (kind === 'remote') return asWords(isQualified ? ':' : '')
  const { remote: named, name: _ } = splitRemoteName(prefix, names)
  const clients = openClients({ signal, remote, project, dryRun: true })
  try {
    const client = await clients.connect(named ?? remote)
    const before = prefix.slice(0, prefix.length - splitRemoteName(prefix, names).name.length)
    const things = await thingsOf(client, kind)
    const here = things.map(({ word, description }) => ({ word: `${before}${word}`, description }))
    return before === '' && isQualified ? [...here, ...asWords(':')] : here
  } catch {
    return prefix.includes(':') || !isQualified ? [] : asWords(':')
  } finally {
    clients.close()
  }
}

async function thingsOf(client: Client, kind: CompletedKind): Promise<Candidate[]> {
  if (kind === 'alias') {
    const aliases = await client.aliases.list()
    return aliases.map(({ name, description }) => ({ word: name, description }))
  }
  if (kind === 'image') {
    const images = await client.images.list()
    return images.flatMap(({ aliases, fingerprint, properties }) => {
      const names = aliases.length === 0 ? [shortFingerprint(fingerprint)] : aliases.map(({ name }) => name)
      return names.map((word) => ({ word, description: properties.description ?? '' }))
    })
  }
  if (kind === 'operation') {
    const operations = await client.operations.list()
    return operations.map(({ id, description }) => ({ word: id, description }))
  }
  const path = kind === 'project' ? '/1.0/projects' : '/1.0/instances'
  const { metadata } = await client.request({ method: 'GET', path })
  const urls = Array.isArray(metadata) ? metadata.map(String) : []
  return urls.map((url) => ({ word: decodeURIComponent(url.replace(/^.*\/|\?.*$/g, '')), description: '' }))
}
