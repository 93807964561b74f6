import { nearestName } from '@hyperkit/terminal/text'
import { UsageError } from '../arguments/usage-error.ts'

const bash = (
  program: string,
  id: string,
): string => `# bash completion of ${program}: source <(${program} completion bash)
_${id}() {
  local line="\${COMP_LINE:0:COMP_POINT}" current
  local -a words found
  read -ra words <<< "$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  current="\${words[-1]}"
  mapfile -t found < <(${program} --complete "\${words[@]:1}" 2>/dev/null | cut -f1)
  COMPREPLY=()
  case "\${found[0]}" in
    :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    :directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
  esac
  COMPREPLY=("\${found[@]}")
  # bash ends a word at a colon and at "=", and wants what follows only.
  if [[ $current == *[:=]* ]]; then
    local kept="\${current%"\${current##*[:=]}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$kept"}")
  fi
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[:=] ]]; then compopt -o nospace; fi
}
complete -F _${id} ${program}
`

const zsh = (program: string, id: string): string => `#compdef ${program}
# zsh completion of ${program}: ${program} completion zsh > "\${fpath[1]}/_${id}"
_${id}() {
  local -a lines found
  local line
  lines=("\${(@f)$(${program} --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $lines[1] in
    :files) _files; return ;;
    :directories) _files -/; return ;;
  esac
  for line in $lines; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe '${program}' found
}
if [[ $funcstack[1] == _${id} ]]; then _${id} "$@"; else compdef _${id} ${program}; fi
`

const fish = (
  program: string,
  id: string,
): string => `# fish completion of ${program}: ${program} completion fish | source
function __${id}_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (${program} --complete $words[2..-1] 2>/dev/null)
  switch "$lines[1]"
    case ':files' ':directories'
      __fish_complete_path (commandline -ct)
    case '*'
      printf '%s\\n' $lines
  end
end
complete -c ${program} -f -a '(__${id}_complete)'
`

const scripts: Readonly<Record<string, (program: string, id: string) => string>> = { bash, zsh, fish }

/** Shells that {@link renderCompletion} writes for. */
export const shells: readonly string[] = Object.keys(scripts)

/**
 * Renders the completion script of a shell. The script runs the command each time, so scripts and names are always current.
 *
 * @throws UsageError no such shell
 */
export function renderCompletion(program: string, [shell = '', ...others]: readonly string[]): string {
  const text = scripts[shell]
  if (text !== undefined && others.length === 0) return text(program, program.replaceAll('-', '_'))
  const near = nearestName(shell, shells)
  throw new UsageError(
    `name one shell: ${shells.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`,
  )
}
