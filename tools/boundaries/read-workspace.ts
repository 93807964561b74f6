import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { listWorkspaces } from '../list-workspaces.ts'
import { type ScannedSource, scanSource } from './scan-source.ts'

export interface PackageManifest {
  name: string
  version: string
  private?: boolean
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export interface SourceFile extends ScannedSource {
  /** Relative to the root, with forward slashes. */
  path: string
  isTest: boolean
}

/** A package of the workspace, or a folder (tools, examples) that uses the root's package.json. */
export interface Unit {
  /** `packages/core`, `tools`, … */
  folder: string
  manifest: PackageManifest | undefined
  files: SourceFile[]
}

export interface Workspace {
  root: string
  manifest: PackageManifest
  units: Unit[]
  /** Files at the root itself, such as vitest.config.ts. */
  rootFiles: SourceFile[]
}

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.turbo', '.results'])
const sourceName = /\.[cm]?tsx?$/

/** Reads every package.json and scans every TypeScript file of the repository. */
export function readWorkspace(root: string): Workspace {
  const units: Unit[] = listWorkspaces(root).map((folder) => ({
    folder,
    manifest: readManifest(join(root, folder)),
    files: readFiles(root, folder),
  }))
  for (const folder of ['tools', 'examples'])
    units.push({ folder, manifest: undefined, files: readFiles(root, folder) })
  const atRoot = readdirSync(root, { withFileTypes: true }).filter(
    (e) => e.isFile() && sourceName.test(e.name),
  )
  const rootFiles = atRoot.map((entry) => readSource(root, join(root, entry.name)))
  return { root, manifest: readManifest(root), units, rootFiles }
}

function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest
}

function readFiles(root: string, folder: string): SourceFile[] {
  const found: SourceFile[] = []
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) visit(join(path, entry.name))
      if (entry.isFile() && sourceName.test(entry.name)) found.push(readSource(root, join(path, entry.name)))
    }
  }
  if (existsSync(join(root, folder))) visit(join(root, folder))
  return found.sort((a, b) => a.path.localeCompare(b.path))
}

function readSource(root: string, file: string): SourceFile {
  const path = relative(root, file).split(sep).join('/')
  const isTest = /\.test\.[cm]?tsx?$/.test(path) || /^(?:packages|apps)\/[^/]+\/test\//.test(path)
  return { path, isTest, ...scanSource(readFileSync(file, 'utf8')) }
}
