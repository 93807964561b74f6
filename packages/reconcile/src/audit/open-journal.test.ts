import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { AuditLine } from '../documents/audit.ts'
import { openJournal } from './open-journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program in place of `logger`, as no journal runs where tests do. */
function program(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const socket = join(folder, 'socket')
const line: AuditLine = {
  format: 'hyperkit-audit',
  version: 1,
  time: '2027-03-31T12:00:00.000Z',
  event: 'begun',
  run: 'r',
  command: 'apply',
  user: 'me@here',
  manifest: 'base',
  server: 'prod\nMESSAGE=forged',
  action: 'delete-image',
  from: null,
  to: null,
}

test('a line becomes one entry of the journal with fields to search by, and no name can add a field', async () => {
  writeFileSync(socket, '')
  const sent = join(folder, 'sent')
  const journal = await openJournal({
    socket,
    logger: program('logger', `[ "$1" = --help ] && echo " --journald" || cat > ${sent}`),
  })
  await journal.append('{"a":1}\n', line)
  expect(readFileSync(sent, 'utf8').split('\n')).toEqual([
    'MESSAGE={"a":1}',
    'SYSLOG_IDENTIFIER=hyperkit',
    'PRIORITY=5',
    'HYPERKIT_AUDIT=begun',
    'HYPERKIT_RUN=r',
    'HYPERKIT_MANIFEST=base',
    'HYPERKIT_ACTION=delete-image',
    '',
  ])
  rmSync(socket)
  await expect(journal.append('{}\n', line)).rejects.toMatchObject({
    code: 'file-unwritable',
    message: `Cannot audit to the journal: there is no journal (${socket} is missing); give a file`,
  })
})

test('the journal is refused if its program is missing, cannot speak to it, or fails', async () => {
  writeFileSync(socket, '')
  const failing = program(
    'failing',
    '[ "$1" = --help ] && echo " --journald" || { echo broken >&2; exit 1; }',
  )
  await expect(openJournal({ socket, logger: join(folder, 'none') })).rejects.toThrow('cannot be run')
  await expect(openJournal({ socket, logger: program('old', 'exit 0') })).rejects.toThrow(
    'has no option "--journald"; install that of util-linux',
  )
  const journal = await openJournal({ socket, logger: failing })
  await expect(journal.append('{}\n', line)).rejects.toThrow(
    `Cannot audit to the journal: "${failing}" exited with 1: broken`,
  )
})

test('a program that does not end is killed, and an abort ends waiting for it before a change, but not after one', async () => {
  writeFileSync(socket, '')
  const logger = program('hanging', '[ "$1" = --help ] && echo " --journald" || exec sleep 60')
  const message = `Cannot audit to the journal: "${logger}" did not end within 0.2 seconds`
  const stop = new AbortController()
  const patient = await openJournal({ socket, logger, signal: stop.signal })
  const begun = patient.append('{}\n', line)
  stop.abort(new Error('stopped'))
  await expect(begun).rejects.toThrow('stopped')
  await expect(openJournal({ socket, logger, signal: stop.signal })).rejects.toThrow('stopped')

  const later = new AbortController()
  const journal = await openJournal({ socket, logger, patience: 200, signal: later.signal })
  later.abort(new Error('stopped'))
  await expect(journal.append('{}\n', line)).rejects.toThrow('stopped')
  const ended: AuditLine = { ...line, event: 'ended', outcome: 'done' }
  await expect(journal.append('{}\n', ended)).rejects.toMatchObject({ code: 'file-unwritable', message })
})
