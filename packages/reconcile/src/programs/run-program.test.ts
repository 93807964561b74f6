import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const options = { what: 'the check', environment: {}, timeout: 60_000 }
const shell = (script: string): string[] => ['/bin/sh', '-c', script]
const folder = mkdtempSync(join(tmpdir(), 'hk-program-'))
/** A pipe whose reader comes to the end when no process has it open any more. */
const fifo = join(folder, 'alive')

beforeAll(() => {
  execFileSync('mkfifo', [fifo])
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('a program has ended although it leaves another one behind, and nothing listens to that one any more', async () => {
  const gone = readFile(fifo)
  // What is left writes until neither of its outputs has a reader.
  const left = `(trap '' PIPE; i=0; while echo "$i" || echo "$i" >&2; do sleep 0.05; i=$((i + 1)); test $i != 9999 || exit; done) 3> ${fifo}`
  await expect(runProgram(shell(`echo begun; ${left} & exit 3`), options)).rejects.toThrow(
    /^the check exited with 3: "/,
  )
  await gone
})

test('at its timeout also what a program has started is stopped, even if that ignores SIGTERM', async () => {
  const gone = readFile(fifo)
  const stubborn = `(trap '' TERM; exec sleep 600) 3> ${fifo} & wait`
  await expect(runProgram(shell(stubborn), { ...options, timeout: 300 })).rejects.toThrow(
    'the check did not exit within 0.3 s and was stopped',
  )
  await gone
})

test('a program that cannot be started is an error with its reason', async () => {
  await expect(runProgram(['/no/such/program'], options)).rejects.toThrow(/^the check could not be started: /)
})
