import { nearestName } from '@hyperkit/terminal/text'
import type { DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import type { ImageProblem } from './plan.ts'

/** Images whose source could not be read, and those that the server cannot have as they are wanted. */
export function findProblems(desired: DesiredServer, observed: ReadServer): ImageProblem[] {
  const unresolved = (desired.unresolved ?? []).map(
    ({ name, error }): ImageProblem => ({ image: name, error }),
  )
  const impossible = desired.images.flatMap((wanted) => {
    const why = findObstacle(wanted, observed)
    if (why === undefined) return []
    return wanted.names.map((image): ImageProblem => {
      const message = `Cannot give "${desired.name}" image "${image}": ${why}`
      return { image, error: { code: 'not-found', message } }
    })
  })
  return [...unresolved, ...impossible]
}

/** Whether anything can be planned for an image; else it is one of the problems. */
export function isPossible(image: DesiredImage, observed: ReadServer): boolean {
  return findObstacle(image, observed) === undefined
}

function findObstacle(
  { origin, fingerprint, profiles = [] }: DesiredImage,
  observed: ReadServer,
): string | undefined {
  const image = observed.images.get(fingerprint)
  if (origin.kind === 'present' && image === undefined)
    return `it is declared by its fingerprint ${fingerprint.slice(0, 12)} alone, and the server has no such image; send it there, or say where it comes from`
  const known = observed.profiles
  const missing = profiles.find((name) => known !== undefined && !known.includes(name))
  if (known === undefined || missing === undefined) return undefined
  const nearest = nearestName(missing, known)
  const hint =
    nearest === undefined ? 'create it there, or take it out of "profiles"' : `did you mean "${nearest}"?`
  return `the server has no profile "${missing}"; ${hint}`
}
