import { chooseTargets } from '@hyperkit/conformance'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

export interface SourceServers {
  /** The server of the manifest. */
  target: OpenServer
  /** The server that has the images. */
  source: OpenServer
}

type Dialect = 'lxd' | 'incus'
type Named = [string, undefined | (() => Promise<SourceServers>)]

/** Pairs of a target and a source of these kinds, embedded and real; the function is undefined for real servers that are not there. */
export function sourceTargets(
  folder: string,
  pairs: readonly (readonly [target: Dialect, source: Dialect])[],
): readonly Named[] {
  const targets = (['embedded', 'real'] as const).flatMap((kind) =>
    pairs.map(([target, source]): Named => {
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
  return chooseTargets(targets)
}
