import { openConsole } from '@hyperkit/script/command'
import { type Outlet, openScreen } from '@hyperkit/terminal'
import { expect, test } from 'vitest'
import { hideSecretsOf } from './preparing.ts'

const outlet: Outlet = { isTerminal: false, size: () => ({ columns: 80, rows: 24 }), write: async () => {} }
const shown = (name: string): string => `\${${name}}`

test('a command hides the secrets of every manifest that it has read, and of the oldest ones only so many', () => {
  const console = openConsole(openScreen({ stdout: outlet, stderr: outlet, environment: {} }), {
    hasColours: false,
  })
  const hide = (name: string, value: string): void =>
    hideSecretsOf({ secrets: [{ name, value }] }, { console })
  hide('OLD', 'first-value')
  hide('NEW', 'second-value')
  hide('OLD', 'first-value')
  hideSecretsOf({}, { console })
  expect(console.hidden('first-value second-value')).toBe(`${shown('OLD')} ${shown('NEW')}`)
  for (let round = 0; round < 1_000; round++) hide('ROUND', `value-${round}`)
  expect(console.hidden('first-value value-0. value-999.')).toBe(
    `first-value ${shown('ROUND')}. ${shown('ROUND')}.`,
  )
})
