import * as v from 'valibot'
import { LineCounter, type Node, parseDocument } from 'yaml'
import { type Environment, expandVariables, isSecretName } from './expand-variables.ts'
import { explainIssue } from './explain-issue.ts'
import { explainErrors, refuseDocument } from './explain-syntax.ts'
import type { Problem } from './manifest-error.ts'
import { manifestSchema, type WrittenManifest } from './manifest-schema.ts'
import type { Position } from './position.ts'
import { type Path, readValue } from './read-value.ts'
import { salvageManifest } from './salvage-manifest.ts'

/** The text of one file of a manifest, and what is needed to read it. */
export interface ManifestText {
  /** The name of the file in errors. */
  file: string
  text: string
  /** An absolute path; paths in the manifest are relative to it. */
  folder: string
  /** Variables for `${NAME}` in values. @default none */
  environment?: Environment | undefined
}

/** One file, checked against the schema; references between entries are not checked yet. */
export interface ReadText {
  file: string
  folder: string
  /** Undefined if the file has mistakes. */
  written: WrittenManifest | undefined
  /** The part of the file that can be checked further; undefined if too little of it can be read. */
  checkable: WrittenManifest | undefined
  problems: Problem[]
  /** The position of the value at a path, or of its key. */
  where(path: Path, isKey?: boolean): Position
  /** Whether a mistake at this path has been reported already. */
  isReported(path: Path): boolean
  /** Replaces values from the environment in a message by what the file says, such as `${NAME}`. */
  hide(sentence: string): string
  secrets: { name: string; value: string }[]
}

/** @param isPart whether other files may declare the servers and images that are missing here */
export function readManifestText(given: ManifestText, isPart = false): ReadText {
  const { file, text, folder, environment = {} } = given
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const positionOf = (node: Node | null | undefined): Position => at(node?.range?.[0] ?? 0)
  const variables = collectVariables(environment)
  const problems: Problem[] = []
  const report = (node: Node | null | undefined, message: string): void => {
    problems.push({ file, at: positionOf(node), message: variables.hide(message) })
  }
  const unreadable = (): ReadText => ({
    file,
    folder,
    written: undefined,
    checkable: undefined,
    problems,
    where: () => at(0),
    isReported: () => true,
    hide: variables.hide,
    secrets: variables.secrets,
  })

  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const { offset, message } of explainErrors(document, text))
    problems.push({ file, at: at(offset), message })
  // Past a syntax error, further errors would mislead the user; a duplicate key leaves the rest readable.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return unreadable()
  const refusal = refuseDocument(document)
  if (refusal !== undefined) {
    report(refusal.node, refusal.message)
    return unreadable()
  }
  const { value, find, isReported } = readValue(document, manifestSchema, report, variables.expand)
  if (isPart) fillPart(value)
  const place = (path: Path): { key: Node | undefined; value: Node | undefined } => {
    const found = find(path)
    return found ?? (path.length === 0 ? { key: undefined, value: undefined } : place(path.slice(0, -1)))
  }
  const result = v.safeParse(manifestSchema, value)
  for (const issue of result.issues ?? []) {
    const { path, isKey } = pathOf(issue)
    const { key, value: node } = place(path)
    if (!isReported(path)) report(isKey ? key : (node ?? key), explainIssue(issue, path, node))
  }
  const wrong = (result.issues ?? []).map((issue) => pathOf(issue).path)
  return {
    file,
    folder,
    problems,
    isReported,
    hide: variables.hide,
    secrets: result.success ? withTokens(variables.secrets, result.output) : variables.secrets,
    written: result.success ? result.output : undefined,
    checkable: result.success ? result.output : salvageManifest(value, wrong),
    where(path, isKey = false) {
      const { key, value: node } = place(path)
      return positionOf(isKey ? (key ?? node) : (node ?? key))
    },
  }
}

/** One of several files may have only servers, or only images. */
function fillPart(value: unknown): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return
  const manifest = value as Record<string, unknown>
  if (!Object.hasOwn(manifest, 'servers')) manifest.servers = {}
  if (!Object.hasOwn(manifest, 'images')) manifest.images = []
}

/** Adds tokens of servers and secrets of sources, which are secret whatever their variables are called. */
function withTokens(secrets: ReadText['secrets'], { servers, images }: WrittenManifest): ReadText['secrets'] {
  const tokens = Object.entries(servers).map(([server, { token }]) => ({
    name: `servers.${server}.token`,
    value: token,
  }))
  const sourceSecrets = images.map(({ name, source }) => ({
    name: `images.${name}.secret`,
    value: source?.secret,
  }))
  const more = [...tokens, ...sourceSecrets].flatMap(({ name, value }) =>
    value === undefined || secrets.some((secret) => secret.value === value) ? [] : [{ name, value }],
  )
  return [...secrets, ...more]
}

interface Variables {
  expand(written: string): { text: string; problem?: string }
  hide(sentence: string): string
  secrets: { name: string; value: string }[]
}

function collectVariables(environment: Environment): Variables {
  const texts = new Map<string, string>()
  const values = new Map<string, string>()
  const secrets: { name: string; value: string }[] = []
  return {
    secrets,
    expand(written) {
      const { text, used, ...rest } = expandVariables(written, environment)
      if (text !== written) texts.set(text, written)
      for (const { name, value } of used) {
        const isSecret = isSecretName(name) && value !== ''
        if (isSecret && !secrets.some((secret) => secret.name === name)) secrets.push({ name, value })
        // A short value also occurs inside other words, so it is hidden only if a message quotes it as a whole.
        if (isSecret || value.length >= 8) values.set(value, `\${${name}}`)
      }
      return { text, ...rest }
    },
    hide(sentence) {
      let hidden = sentence
      for (const [text, written] of texts)
        hidden = hidden.replaceAll(JSON.stringify(text), () => JSON.stringify(written))
      for (const [value, written] of values) hidden = hidden.replaceAll(value, () => written)
      return hidden
    },
  }
}

/** The path of an issue. The position is that of the key if the key itself is wrong, else that of the value. */
function pathOf(issue: v.BaseIssue<unknown>): { path: Path; isKey: boolean } {
  const items = issue.path ?? []
  const path = items.map(({ key }) => (typeof key === 'number' ? key : String(key)))
  return { path, isKey: items.at(-1)?.origin === 'key' }
}
