import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

/** Each kind of server by its name, and how it is opened; a real one that is not there cannot be. */
export function serverTargets(folder: string): [string, undefined | (() => Promise<OpenServer>)][] {
  return (['lxd', 'incus'] as const).flatMap((dialect): ReturnType<typeof serverTargets> => {
    const described = describeReal(dialect)
    return [
      [`an embedded ${dialect}`, () => openEmbedded(folder, { dialect })],
      [`a real ${dialect}`, described && (() => openOver(folder, described))],
    ]
  })
}
