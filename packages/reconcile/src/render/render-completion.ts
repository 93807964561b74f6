/** A command as a shell completes it. */
export interface CompletedCommand {
  name: string
  description: string
  /** What its arguments can be; none where they are free. */
  words: readonly string[]
  takesFiles: boolean
  options: readonly CompletedOption[]
}

export interface CompletedOption {
  /** `-f`, `--file` */
  flags: readonly string[]
  description: string
  takesValue: boolean
  /** What its value can be; none: a file. */
  words: readonly string[]
  isRepeatable: boolean
}

/** A shell that commands are completed in. */
export type Shell = 'bash' | 'zsh' | 'fish'
/** Shells that {@link renderCompletion} writes for. */
export const shells: readonly Shell[] = ['bash', 'zsh', 'fish']

/** A script that a shell reads to complete a command line. */
export function renderCompletion(
  shell: Shell,
  program: string,
  commands: readonly CompletedCommand[],
): string {
  const lines = { bash, zsh, fish }[shell](program, commands)
  return `${lines.join('\n')}\n`
}

function bash(program: string, commands: readonly CompletedCommand[]): string[] {
  const name = `_${program.replaceAll('-', '_')}`
  const list = (words: readonly string[]): string => quote(words.join(' '))
  return [
    `# bash completion of ${program}: source <(${program} completion bash)`,
    `${name}() {`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"',
    '  COMPREPLY=()',
    '  if [[ $COMP_CWORD -eq 1 ]]; then',
    `    mapfile -t COMPREPLY < <(compgen -W ${list([...commands.map((each) => each.name), '--help', '--version'])} -- "$current")`,
    '    return',
    '  fi',
    '  case "$command $previous" in',
    ...commands.flatMap((command) =>
      command.options
        .filter(({ takesValue }) => takesValue)
        .map(
          ({ flags, words }) =>
            `    ${flags.map((flag) => quote(`${command.name} ${flag}`)).join(' | ')}) mapfile -t COMPREPLY < <(compgen ${words.length === 0 ? '-f' : `-W ${list(words)}`} -- "$current"); return ;;`,
        ),
    ),
    '  esac',
    '  case "$command" in',
    ...commands.map((command) => {
      const flags = command.options.flatMap((option) => option.flags)
      const words = command.takesFiles ? '-f' : `-W ${list(command.words)}`
      return `    ${command.name}) if [[ $current == -* ]]; then mapfile -t COMPREPLY < <(compgen -W ${list(flags)} -- "$current"); else mapfile -t COMPREPLY < <(compgen ${words} -- "$current"); fi ;;`
    }),
    '  esac',
    '}',
    `complete -o filenames -F ${name} ${program}`,
  ]
}

function zsh(program: string, commands: readonly CompletedCommand[]): string[] {
  const name = `_${program}`
  const protect = (text: string): string => text.replaceAll(/[[\]:\\]/g, '\\$&')
  const argument = (words: readonly string[], takesFiles: boolean): string =>
    words.length > 0 ? `:value:(${words.join(' ')})` : takesFiles ? ':file:_files' : ''
  return [
    `#compdef ${program}`,
    `# zsh completion of ${program}: ${program} completion zsh > "\${fpath[1]}/${name}"`,
    `${name}() {`,
    '  local -a commands',
    '  commands=(',
    ...commands.map((command) => `    ${quote(`${command.name}:${protect(command.description)}`)}`),
    '  )',
    '  if (( CURRENT == 2 )); then',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  local command=$words[2]',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case $command in',
    ...commands.flatMap((command) => [
      `    ${command.name})`,
      '      _arguments \\',
      ...command.options.flatMap((option) =>
        option.flags.map((flag) => {
          const others = option.isRepeatable ? '*' : `(${option.flags.join(' ')})`
          const value = option.takesValue ? argument(option.words, true) : ''
          return `        ${quote(`${others}${flag}[${protect(option.description)}]${value}`)} \\`
        }),
      ),
      `        ${quote(`*${argument(command.words, command.takesFiles) || ':argument:'}`)}`,
      '      ;;',
    ]),
    '  esac',
    '}',
    // Read by `source` it must be bound; read from fpath it is called.
    `if [[ $funcstack[1] == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program}; fi`,
  ]
}

function fish(program: string, commands: readonly CompletedCommand[]): string[] {
  return [
    `# fish completion of ${program}: ${program} completion fish | source`,
    `complete -c ${program} -f`,
    ...commands.map(
      ({ name, description }) =>
        `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
    ),
    ...commands.flatMap((command) => {
      const start = `complete -c ${program} -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`
      return [
        ...(command.takesFiles ? [`${start} -F`] : [`${start} -a ${quote(command.words.join(' '))}`]),
        ...command.options.map(({ flags, description, takesValue, words }) => {
          const named = flags.map((flag) =>
            flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
          )
          const value = takesValue ? (words.length === 0 ? ' -r -F' : ` -x -a ${quote(words.join(' '))}`) : ''
          return `${start} ${named.join(' ')}${value} -d ${quote(description)}`
        }),
      ]
    }),
  ]
}

/** A word of a shell that stands for nothing but itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
