import { nearestName } from '@hyperkit/terminal/text'
import type { DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { ImageProblem } from '../documents/plan.ts'
import type { ReadServer } from '../observed/observed.ts'
import { compareImage } from './compare-image.ts'
import { findRegistryRule } from './find-registry-rule.ts'

/** The code of a problem that a rule of the server causes: it is known before anything is sent, and concerns one image or name. */
export const ruleCode = 'server-rule'

/** Images whose source could not be read, images that the server cannot have as desired, and aliases that it would refuse. */
export function findProblems(desired: DesiredServer, observed: ReadServer): ImageProblem[] {
  const unresolved = (desired.unresolved ?? []).map(
    ({ name, error }): ImageProblem => ({ image: name, error }),
  )
  const others = desired.images.flatMap((wanted) => {
    const obstacle = findObstacle(wanted, observed)
    if (obstacle === undefined) return refusedNames(wanted, desired, observed)
    const { code, why } = obstacle
    return wanted.names.map((image): ImageProblem => {
      const message = `Cannot plan image "${image}" for "${desired.name}": ${why}`
      return { image, error: { code, message } }
    })
  })
  return [...unresolved, ...others]
}

/** Whether changes can be planned for an image; otherwise it is one of the problems. */
export function isPossible(image: DesiredImage, observed: ReadServer): boolean {
  return findObstacle(image, observed) === undefined
}

/** The aliases of an image, without those that the server would refuse to create. */
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
    const message = `Cannot create alias "${name}" on "${server}": ${why}; everything else is done without it`
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
  const rule = findRegistryRule(wanted, observed) ?? findRule(wanted, observed)
  return rule === undefined ? undefined : { code: ruleCode, why: rule }
}

/** What the image needs on the server and the server lacks. */
function findMissing(
  { origin, fingerprint, profiles = [] }: DesiredImage,
  observed: ReadServer,
): string | undefined {
  const image = observed.images.get(fingerprint)
  if (origin.kind === 'present' && image === undefined)
    return `the manifest gives only its fingerprint ${fingerprint.slice(0, 12)}, and the server has no such image; upload it there, or give it a source`
  const known = observed.profiles
  const missing = profiles.find((name) => known !== undefined && !known.includes(name))
  if (known === undefined || missing === undefined) return undefined
  const nearest = nearestName(missing, known)
  const hint =
    nearest === undefined ? 'create it there, or remove it from "profiles"' : `did you mean "${nearest}"?`
  return `the server has no profile "${missing}"; ${hint}`
}

/** The rule of the server that the image would break. */
function findRule(wanted: DesiredImage, observed: ReadServer): string | undefined {
  const { fingerprint, aliases } = wanted
  const image = observed.images.get(fingerprint)
  const [first] = aliases
  if (image === undefined && first !== undefined && possibleAliases(wanted, observed).length === 0)
    return `the server allows none of its aliases: ${observed.refusedNames?.get(first.name)}`
  if (!observed.refusesPublic) return undefined
  const rule =
    'LXD 6.8 and newer allow public images only in project "default", and this is another project with images of its own'
  if (image === undefined) return wanted.public ? `${rule}; set "public: false"` : undefined
  // An image that was public before the server had this rule stays so until it has to be changed.
  const staysPublic = wanted.public ?? image.public
  return staysPublic && compareImage(wanted, image).length > 0
    ? `it would be changed and stay public, but ${rule}; set "public: false"`
    : undefined
}
