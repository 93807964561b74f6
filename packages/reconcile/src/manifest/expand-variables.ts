/** Environment variables by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Expanded {
  text: string
  /** The variables that were filled in. */
  used: { name: string; value: string }[]
  /** What is wrong with the text, which then stays as it was written. */
  problem?: string
}

const misplaced = `"$\{" begins the name of an environment variable, as in "$\{NAME}": write "$$\{" for a literal "$\{"`
const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

/** Replaces `${NAME}` by the variable's value, and `$${` by `${`. A variable may be empty, but must be set. */
export function expandVariables(written: string, environment: Environment): Expanded {
  const used: Expanded['used'] = []
  const problems: string[] = []
  const text = written.replace(reference, (match: string, name: string | undefined) => {
    if (match === '$${') return '${'
    if (name === undefined) {
      problems.push(misplaced)
      return match
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (value === undefined) problems.push(`environment variable "${name}" is not set`)
    else used.push({ name, value })
    return value ?? match
  })
  const [problem] = problems
  return problem === undefined ? { text, used } : { text: written, used: [], problem }
}

/** Whether a variable's name suggests that its value is secret. */
export function isSecretName(name: string): boolean {
  return /SECRET|TOKEN|PASSW(OR)?D|PASSPHRASE|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|AUTH(?!OR)/i.test(name)
}
