import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { findDaemon } from './find-daemon.ts'
import { type CleanFolder, keepClean } from './keep-clean.ts'
import { requestSocket } from './request-socket.ts'
import type { StartServerOptions } from './running-server.ts'
import { type DaemonDialect, dialectOf, type ServerVersion } from './server-version.ts'

export interface DaemonProcess {
  socket: string
  directory: string
  readonly pid: number
  /** When it answered after its last start. */
  readonly readyAt: Date
  /** Ends the daemon; resolves when its process is gone. Nothing happens if it has ended already. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Starts the daemon again after {@link kill}, in its folder; resolves when it answers. */
  start(): Promise<void>
  /** The end of what the daemon printed and logged. */
  readLog(): Promise<string>
  stop(): Promise<void>
}

/** The environment variables that set the folder of a daemon's state. */
const stateVariables: Record<DaemonDialect, string> = { lxd: 'LXD_DIR', incus: 'INCUS_DIR' }

const deadline = 120_000

/** Starts the program in a fresh folder and waits until it answers on its unix socket; nothing is configured. */
export async function startDaemon(
  server: DaemonDialect | ServerVersion,
  options: StartServerOptions,
): Promise<DaemonProcess> {
  const program = findDaemon(server)
  const dialect = dialectOf(server)
  const folder = await keepClean(`hk-${dialect}-`, options.directory)
  const state = join(folder.path, 'state')
  const socket = join(state, 'unix.socket')
  const run = (): Promise<ChildProcess> =>
    runProgram(program, folder, { [stateVariables[dialect]]: state, ...options.environment })
  try {
    if (Buffer.byteLength(socket) > 107)
      throw new Error(`Cannot listen on "${socket}": a unix socket path has 107 bytes at most`)
    await mkdir(state)
    const begin = (): Promise<ChildProcess> =>
      startOnceMore(run, (child) => untilReady(child, socket, folder))
    let child = await begin()
    let readyAt = new Date()
    return {
      socket,
      directory: folder.path,
      get pid() {
        return pidOf(child)
      },
      get readyAt() {
        return readyAt
      },
      kill: (signal) => end(child, signal),
      async start() {
        child = await begin()
        readyAt = new Date()
      },
      readLog: () => readLog(folder),
      stop: () => folder.clean(),
    }
  } catch (error) {
    await folder.clean()
    throw error
  }
}

/** LXD 5.0.2+git has been seen to end when it was started again in its folder; a second start is enough (T51). */
async function startOnceMore(
  run: () => Promise<ChildProcess>,
  untilReady: (child: ChildProcess) => Promise<void>,
): Promise<ChildProcess> {
  for (let isFirst = true; ; isFirst = false) {
    const child = await run()
    try {
      await untilReady(child)
      return child
    } catch (error) {
      if (!isFirst || !String(error).includes('devlxd/sock: no such file or directory')) throw error
    }
  }
}

async function runProgram(
  program: string,
  folder: CleanFolder,
  variables: Record<string, string>,
): Promise<ChildProcess> {
  const output = openSync(join(folder.path, 'output'), 'a')
  // A minimal environment: a proxy or a *_DIR of the caller must not reach the daemon.
  const env = { PATH: searchPath(), HOME: folder.path, LANG: 'C.UTF-8', ...variables }
  // The log level stays at warnings: with --debug the daemons log every request.
  const child = spawn(program, ['--logfile', join(folder.path, 'log')], {
    stdio: ['ignore', output, output],
    detached: true,
    env,
  })
  closeSync(output)
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', resolve)
  })
  await writeFile(folder.pidFile, String(pidOf(child)))
  child.unref()
  return child
}

function searchPath(): string {
  return [process.env.PATH, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
    .filter(Boolean)
    .join(':')
}

async function untilReady(child: ChildProcess, socket: string, folder: CleanFolder): Promise<void> {
  const until = Date.now() + deadline
  for (;;) {
    if (hasEnded(child))
      throw new Error(await tell(folder, `it ended with ${child.exitCode ?? child.signalCode}`))
    try {
      // The request of `lxd waitready` and `incus admin waitready`: 200 only after the whole start-up.
      await requestSocket(socket, { method: 'GET', path: '/internal/ready' })
      return
    } catch (error) {
      if (Date.now() > until)
        throw new Error(await tell(folder, `no answer after ${deadline} ms`), { cause: error })
    }
    await delay(20)
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (hasEnded(child)) return
  child.ref()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('Cannot return the process id of the daemon: it did not start')
  return child.pid
}

async function tell(folder: CleanFolder, what: string): Promise<string> {
  return `Cannot start the daemon in "${folder.path}": ${what}\n${await readLog(folder)}`.trimEnd()
}

async function readLog(folder: CleanFolder): Promise<string> {
  const files = ['log', 'output'].map((name) => readFile(join(folder.path, name), 'utf8').catch(() => ''))
  return (await Promise.all(files)).map((text) => text.slice(-2000)).join('\n')
}
