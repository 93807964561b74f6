import { resolve } from 'node:path'

/** A program and its arguments; a program with a slash in its name is relative to a folder, any other is found in `PATH`. */
export function programOf([program = '', ...args]: readonly string[], folder: string): string[] {
  return [program.includes('/') ? resolve(folder, program) : program, ...args]
}
