import { chooseTargets } from '@hyperkit/conformance'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

type Named = [string, undefined | (() => Promise<OpenServer>)]

/** A name and a function that opens the server for each kind; the function is undefined for a real server that is not there. */
export function serverTargets(folder: string): readonly Named[] {
  const targets = (['lxd', 'incus'] as const).flatMap((dialect): Named[] => {
    const described = describeReal(dialect)
    return [
      [`an embedded ${dialect}`, () => openEmbedded(folder, { dialect })],
      [`a real ${dialect}`, described && (() => openOver(folder, described))],
    ]
  })
  return chooseTargets(targets)
}
