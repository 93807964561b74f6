import { hasBearerTokens, hasFineGrained, type ServerVersion } from '../servers/server-version.ts'
import type { Target } from './target.ts'

/** The kinds of identities that a version lacks, with the reasons. */
export function lackingIdentities(version: ServerVersion): Target['lacks'] {
  return {
    ...(hasFineGrained(version) ? {} : { 'fine-grained': `${version} has no fine-grained identities` }),
    ...(hasBearerTokens(version) ? {} : { 'bearer-tokens': `${version} issues no bearer tokens` }),
  }
}
