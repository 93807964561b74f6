// Starts the server named on the command line, prints its description, then hangs: servers.test.ts kills it.
import process from 'node:process'
import { startIncus } from '../src/servers/start-incus.ts'
import { startLxd } from '../src/servers/start-lxd.ts'

const server = await (process.argv[2] === 'lxd' ? startLxd() : startIncus())
console.log(JSON.stringify(server.describe()))
setInterval(() => {}, 1 << 30)
