import { describe, expect, test } from 'vitest'
import type { Manifest } from './manifest.ts'
import { ManifestError } from './manifest-error.ts'
import { parseManifests } from './parse-manifest.ts'

const head = 'version: 1\nname: base\n'
const servers = 'servers: { a: { remote: a, labels: { site: berlin } }, b: { remote: b } }\nimages: []\n'

function parse(...texts: string[]): Manifest {
  return parseManifests(
    texts.map((text, index) => ({ file: `${index}.yaml`, text, folder: `/${index}`, environment: {} })),
    'all',
  )
}

function problemsOf(...texts: string[]): string[] {
  try {
    parse(...texts)
    return []
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return error.message.split('\n')
  }
}

describe('`rollout`', () => {
  test('has defaults, and the path of its check is relative to its file', () => {
    expect(parse(`${head}${servers}rollout: { waves: [1, 10%, rest] }\n`).rollout).toEqual({
      waves: [1, '10%', 'rest'],
      checkTimeout: 300_000,
      pauseOnFailure: true,
    })
    const given =
      'rollout: { waves: [rest], by: site, check: [./check.sh, x], checkTimeout: 90, pauseOnFailure: false }\n'
    expect(parse(`${head}${servers}`, `${head}images: []\n${given}`).rollout).toEqual({
      waves: ['rest'],
      by: 'site',
      check: ['/1/check.sh', 'x'],
      checkTimeout: 90_000,
      pauseOnFailure: false,
    })
  })

  test.each([
    [
      'waves: [1, 10%]',
      '5:19: "waves" must end with "rest", and have it only there: that wave has all servers that are left',
    ],
    [
      'waves: [rest, 1]',
      '5:19: "waves" must end with "rest", and have it only there: that wave has all servers that are left',
    ],
    [
      'waves: []',
      '5:19: "waves" must end with "rest", and have it only there: that wave has all servers that are left',
    ],
    [
      'waves: [0, rest]',
      '5:20: entry 1 of "waves" must be a number of servers, a percentage from 1% to 100%, or "rest"',
    ],
    [
      'waves: [1, 101%, rest]',
      '5:23: entry 2 of "waves" must be a number of servers, a percentage from 1% to 100%, or "rest"',
    ],
    ['waves: [true, rest]', '5:20: entry 1 of "waves" must be a number or a string, not true'],
    ['waves: [rest], by: sit', '5:31: no server has a label "sit": did you mean "site"?'],
    ['waves: [rest], check: []', '5:34: "check" must name a program'],
    [
      'waves: [rest], checkTimeout: never',
      '5:41: "checkTimeout" must be a duration of more than 0, such as 90, 30s or 5m',
    ],
    ['wave: [rest]', '5:12: unknown key "wave": did you mean "waves"?'],
  ])('%s is refused', (written, problem) => {
    expect(problemsOf(`${head}${servers}rollout: { ${written} }\n`)).toContain(`0.yaml:${problem}`)
  })

  test('a label that no server of any file has is reported in the file that names it', () => {
    expect(
      problemsOf(`${head}${servers}`, `${head}images: []\nrollout: { waves: [rest], by: tier }\n`),
    ).toEqual(['1.yaml:4:31: no server has a label "tier": known labels: site'])
  })
})
