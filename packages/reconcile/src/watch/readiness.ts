import type { WatchedServer } from './watched-server.ts'

/** The state that `/readyz` reports. */
export interface Readiness {
  isManifestGood: boolean
  servers: ReadonlyMap<string, WatchedServer>
}

/** Ready means that every server is connected, and the last run on it succeeded. */
export function describeReadiness({ isManifestGood, servers }: Readiness): {
  isReady: boolean
  text: string
} {
  const states = [...servers.values()].map((server) => {
    const failure = server.isGood === false ? (server.failure ?? 'failed') : undefined
    if (failure !== undefined) return { isReady: false, line: `${server.name}: ${failure.split('\n')[0]}` }
    if (server.isGood === undefined) return { isReady: false, line: `${server.name}: no pass yet` }
    if (!server.isConnected) return { isReady: false, line: `${server.name}: not connected to its events` }
    return { isReady: true, line: `${server.name}: ok` }
  })
  const manifest = isManifestGood ? [] : ['the manifest on disk is not valid; an older one is in use']
  return {
    isReady: states.length > 0 && states.every(({ isReady }) => isReady),
    text: `${[...manifest, ...states.map(({ line }) => line)].join('\n')}\n`,
  }
}
