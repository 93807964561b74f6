import { syncAnswer } from '../../answer/envelope.ts'

/** `GET /1.0/profiles`: there is one. */
export function listProfiles(): Response {
  return syncAnswer(['/1.0/profiles/default'])
}
