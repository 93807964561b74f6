import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

/** A name and a function that opens the server for each kind; the function is undefined for a real server that is not there. */
export function serverTargets(folder: string): [string, undefined | (() => Promise<OpenServer>)][] {
  return (['lxd', 'incus'] as const).flatMap((dialect): ReturnType<typeof serverTargets> => {
    const described = describeReal(dialect)
    return [
      [`an embedded ${dialect}`, () => openEmbedded(folder, { dialect })],
      [`a real ${dialect}`, described && (() => openOver(folder, described))],
    ]
  })
}
