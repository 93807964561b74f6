import { expect, test } from 'vitest'
import { findDeclaration } from './find-declaration.ts'

const emitted = `import type { Other } from './other.ts';
interface Hidden {
    /** Kept. */
    name: string;
}
/** Of what is shown. */
export interface Shown extends Hidden {
    other: Other;
}
export type Either = {
    one: Hidden;
} | {
    two: string;
};
/** Calls. */
export declare function call<T>(options?: {
    signal?: AbortSignal;
}): Promise<T>;
export declare const values: readonly string[];
export declare class Failure extends Error {
    readonly code: string;
    constructor(code: string);
}
`

test('a declaration is returned without its comment, export and declare', () => {
  expect(findDeclaration(emitted, 'values')).toBe('const values: readonly string[];')
  expect(findDeclaration(emitted, 'call')).toBe(
    'function call<T>(options?: {\n    signal?: AbortSignal;\n}): Promise<T>;',
  )
  expect(findDeclaration(emitted, 'Failure')).toBe(
    'class Failure extends Error {\n    readonly code: string;\n    constructor(code: string);\n}',
  )
})

test('a declaration that is not exported is returned with the one that uses it', () => {
  const hidden = 'interface Hidden {\n    /** Kept. */\n    name: string;\n}'
  expect(findDeclaration(emitted, 'Shown')).toBe(
    `interface Shown extends Hidden {\n    other: Other;\n}\n${hidden}`,
  )
  expect(findDeclaration(emitted, 'Either')).toContain(hidden)
})

test('a type of several parts is returned whole', () => {
  expect(findDeclaration(emitted, 'Either')).toMatch(
    /^type Either = \{\n {4}one: Hidden;\n\} \| \{\n {4}two: string;\n\};\n/,
  )
})
