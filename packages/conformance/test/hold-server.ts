// Starts the server named on the command line, prints its description, then hangs: servers.test.ts kills it.
import process from 'node:process'
import type { ServerVersion } from '../src/servers/server-version.ts'
import { startServer } from '../src/servers/start-server.ts'

const server = await startServer(process.argv[2] as ServerVersion)
console.log(JSON.stringify(server.describe()))
setInterval(() => {}, 1 << 30)
