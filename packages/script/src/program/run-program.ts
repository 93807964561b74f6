import { openScreen, type Screen } from '@hyperkit/terminal'
import type { Program } from '../catalogue/program.ts'
import { takeGlobalFlags } from '../catalogue/take-global-flags.ts'
import { claimProcess } from '../run/claim-process.ts'
import { endScreen } from '../run/end-screen.ts'
import { answerProgram, flagsOf } from './answer-program.ts'

/** Options of {@link runProgram}. */
export interface RunProgramOptions {
  /** @default one on the streams of the process */
  screen?: Screen | undefined
}

/**
 * Runs a command line of a program whose commands are scripts, and returns the exit code.
 *
 * @example
 * ```ts
 * import { runProgram, tableCatalogue } from '@hyperkit/script/command'
 *
 * const builtIn = tableCatalogue([])
 * process.exitCode = await runProgram(['--version'], {
 *   name: 'ops',
 *   description: 'Commands of our own',
 *   version: '1.0.0',
 *   usage: [],
 *   footer: '',
 *   builtIn,
 *   sections: async () => [{ title: 'Commands', catalogue: builtIn }],
 * })
 * ```
 */
export async function runProgram(
  words: readonly string[],
  program: Program,
  { screen = openScreen() }: RunProgramOptions = {},
): Promise<number> {
  claimProcess()
  const every = await flagsOf(program)
  const { flags, rest } = takeGlobalFlags(words, every)
  const [first] = rest
  try {
    // A script reads the flags before its name too, and may refuse them.
    const known = flags.length === 0 ? program : { ...program, outlines: undefined }
    const answer = await answerProgram(rest, known, every)
    if (answer === undefined)
      return await (await import('./run-named.ts')).runNamed(flags, rest, program, screen)
    if (first === undefined)
      return await (await import('./run-named.ts')).refuseNothing(words, answer, screen)
    await screen.out(answer)
    return await endScreen(screen, `${program.name} ${first}`, 0)
  } catch (error) {
    const { reportFailure } = await import('./run-named.ts')
    return reportFailure(error, words, [program.name, first ?? ''].join(' ').trim(), screen)
  }
}
