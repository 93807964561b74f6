import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

export interface SourceServers {
  /** What the manifest is about. */
  target: OpenServer
  /** Another server of the kind that is asked for. */
  source: OpenServer
}

type Dialect = 'lxd' | 'incus'

/** A server to work on and one to bring images from, embedded and real, of the same kind and of the other. */
export function sourceTargets(
  folder: string,
  pairs: readonly (readonly [target: Dialect, source: Dialect])[],
): [string, undefined | (() => Promise<SourceServers>)][] {
  return (['embedded', 'real'] as const).flatMap((kind) =>
    pairs.map(([target, source]): [string, undefined | (() => Promise<SourceServers>)] => {
      const name = `${kind} ${target} from ${source}`
      if (kind === 'embedded')
        return [
          name,
          async () => ({
            target: await openEmbedded(folder, { dialect: target }),
            source: await openEmbedded(folder, { dialect: source }),
          }),
        ]
      const [first, second] = [describeReal(target, 0), describeReal(source, 1)]
      if (first === undefined || second === undefined) return [name, undefined]
      return [
        name,
        async () => ({ target: await openOver(folder, first), source: await openOver(folder, second) }),
      ]
    }),
  )
}
