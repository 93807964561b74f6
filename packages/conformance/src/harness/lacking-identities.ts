import { hasBearerTokens, hasFineGrained, type ServerVersion } from '../servers/server-version.ts'
import type { Target } from './target.ts'

/** Which ways to know a client a version lacks, and why. */
export function lackingIdentities(version: ServerVersion): Target['lacks'] {
  return {
    ...(hasFineGrained(version) ? {} : { 'fine-grained': `${version} has no fine-grained identities` }),
    ...(hasBearerTokens(version) ? {} : { 'bearer-tokens': `${version} issues no bearer tokens` }),
  }
}
