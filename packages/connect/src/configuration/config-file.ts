import * as v from 'valibot'

// Unknown keys are allowed: the file belongs to the clients, which add keys with each release.
export const remoteSchema = v.looseObject({
  addr: v.pipe(v.string(), v.regex(/[^\s,]/)),
  auth_type: v.nullish(v.string()),
  credentials_helper: v.nullish(v.string()),
  project: v.nullish(v.string()),
  protocol: v.nullish(v.string()),
  public: v.nullish(v.boolean()),
})

const defaultRemote = v.nullish(v.string())

/** A file without faults. */
export const fileSchema = v.looseObject({
  'default-remote': defaultRemote,
  remotes: v.nullish(v.record(v.string(), remoteSchema)),
})

/** A file whose remotes are checked one by one. */
export const outerSchema = v.looseObject({
  'default-remote': defaultRemote,
  remotes: v.nullish(v.record(v.string(), v.unknown())),
})

/** A remote as it is written in the file. */
export type WrittenRemote = v.InferOutput<typeof remoteSchema>

/** The value under the name of a remote. */
export type ConfigEntry =
  | { written: WrittenRemote; fault?: undefined }
  /** One that is not understood; `fault` is a clause with the position in the file. */
  | { written: unknown; fault: string }

/** The content of a client's `config.yml`. */
export interface ConfigFile {
  defaultRemote: string | undefined
  remotes: ReadonlyMap<string, ConfigEntry>
}

/** What is wrong with a remote, and with which of its keys. */
export function describeFault(
  written: unknown,
  issue: v.BaseIssue<unknown>,
): { fault: string; key: string | undefined } {
  const key = issue.path?.[0]?.key
  if (typeof key !== 'string') {
    const isEmpty = written === null || written === undefined
    return { fault: isEmpty ? 'it is empty' : 'it is not a map with "addr"', key: undefined }
  }
  const value = (written as Record<string, unknown>)[key]
  if (value === undefined) return { fault: `it has no "${key}"`, key: undefined }
  if (key === 'public') return { fault: `its "${key}" is neither true nor false`, key }
  if (typeof value === 'string') return { fault: `its "${key}" is empty`, key }
  const advice = typeof value === 'number' || typeof value === 'boolean' ? `; write "${value}" in quotes` : ''
  return { fault: `its "${key}" is not a string${advice}`, key }
}
