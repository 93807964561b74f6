import { nearestName } from '@hyperkit/terminal/text'
import type { DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { ImageProblem } from '../documents/plan.ts'
import type { ReadServer } from '../observed/observed.ts'
import { compareImage } from './compare-image.ts'

/** The code of a problem that is a rule of the server: known before anything is sent, and of this image or name alone. */
export const ruleCode = 'server-rule'

/**
 * Images whose source could not be read, those that the server cannot have as they are wanted, and names that it would not
 * give them.
 */
export function findProblems(desired: DesiredServer, observed: ReadServer): ImageProblem[] {
  const unresolved = (desired.unresolved ?? []).map(
    ({ name, error }): ImageProblem => ({ image: name, error }),
  )
  const others = desired.images.flatMap((wanted) => {
    const obstacle = findObstacle(wanted, observed)
    if (obstacle === undefined) return refusedNames(wanted, desired, observed)
    const { code, why } = obstacle
    return wanted.names.map((image): ImageProblem => {
      const message = `Cannot give "${desired.name}" image "${image}": ${why}`
      return { image, error: { code, message } }
    })
  })
  return [...unresolved, ...others]
}

/** Whether anything can be planned for an image; else it is one of the problems. */
export function isPossible(image: DesiredImage, observed: ReadServer): boolean {
  return findObstacle(image, observed) === undefined
}

/** The aliases that an image can have: without those that the server would refuse to create. */
export function possibleAliases({ aliases }: DesiredImage, observed: ReadServer): DesiredImage['aliases'] {
  return aliases.filter(({ name }) => observed.refusedNames?.get(name) === undefined)
}

function refusedNames(
  { names, aliases }: DesiredImage,
  { name: server }: DesiredServer,
  { refusedNames }: ReadServer,
): ImageProblem[] {
  return aliases.flatMap(({ name }): ImageProblem[] => {
    const why = refusedNames?.get(name)
    if (why === undefined) return []
    const image = names.includes(name) ? name : (names[0] ?? name)
    const message = `Cannot create alias "${name}" on "${server}": ${why}; all else is done without it`
    return [{ image, error: { code: ruleCode, message } }]
  })
}

interface Obstacle {
  code: string
  why: string
}

function findObstacle(wanted: DesiredImage, observed: ReadServer): Obstacle | undefined {
  const missing = findMissing(wanted, observed)
  if (missing !== undefined) return { code: 'not-found', why: missing }
  const rule = findRule(wanted, observed)
  return rule === undefined ? undefined : { code: ruleCode, why: rule }
}

/** What the server must have for it and has not. */
function findMissing(
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

/** The rule of the server that it is against. */
function findRule(wanted: DesiredImage, observed: ReadServer): string | undefined {
  const { fingerprint, aliases } = wanted
  const image = observed.images.get(fingerprint)
  const [first] = aliases
  if (image === undefined && first !== undefined && possibleAliases(wanted, observed).length === 0)
    return `it would have no name: ${observed.refusedNames?.get(first.name)}`
  if (!observed.refusesPublic) return undefined
  const rule =
    'LXD 6.8 and newer have public images in project "default" only, and this is another one with images of its own'
  if (image === undefined) return wanted.public ? `${rule}; set "public: false"` : undefined
  // One that was public before the server had this rule stays so until it is to be changed.
  const staysPublic = wanted.public ?? image.public
  return staysPublic && compareImage(wanted, image).length > 0
    ? `it is to be changed and stay public, and ${rule}; set "public: false"`
    : undefined
}
