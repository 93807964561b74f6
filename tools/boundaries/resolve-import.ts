import { posix } from 'node:path'
import type { SourceFile, Unit, Workspace } from './read-workspace.ts'

export type Target =
  /** A file of the same unit or of another one, named by a relative path. */
  | { kind: 'file'; path: string; unit: Unit | undefined }
  | { kind: 'workspace'; unit: Unit; subpath: string }
  /** `node:fs`, `fs`, `bun`, `bun:test`, … */
  | { kind: 'runtime'; name: string }
  | { kind: 'external'; name: string }

// Node's modules are listed here, because Bun's `builtinModules` also contains `ws` and `undici`, which are packages here.
const bareBuiltins = new Set(
  `assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events
  fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream
  string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib`.split(/\s+/),
)

/** Classifies an import specifier by its form only, without looking at the disk. */
export function resolveImport(workspace: Workspace, file: SourceFile, specifier: string): Target {
  if (specifier.startsWith('.')) {
    const path = posix.normalize(posix.join(posix.dirname(file.path), specifier))
    return { kind: 'file', path, unit: unitOf(workspace, path) }
  }
  const name = packageNameOf(specifier)
  if (
    /^(?:node|bun|deno|jsr|npm|https?|cloudflare):/.test(specifier) ||
    name === 'bun' ||
    bareBuiltins.has(name)
  ) {
    return { kind: 'runtime', name: specifier }
  }
  const unit = workspace.units.find((candidate) => candidate.manifest?.name === name)
  if (unit === undefined) return { kind: 'external', name }
  return { kind: 'workspace', unit, subpath: `.${specifier.slice(name.length)}` }
}

function unitOf(workspace: Workspace, path: string): Unit | undefined {
  return workspace.units.find((unit) => path.startsWith(`${unit.folder}/`))
}

function packageNameOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}
