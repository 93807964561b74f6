import { UsageError } from '@hyperkit/script'
import { nearestName } from '@hyperkit/terminal/text'

const bash = `# bash completion of hyperkit: source <(hyperkit completion bash)
_hyperkit() {
  local line="\${COMP_LINE:0:COMP_POINT}" current
  local -a words found
  read -ra words <<< "$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  current="\${words[-1]}"
  mapfile -t found < <(hyperkit --complete "\${words[@]:1}" 2>/dev/null | cut -f1)
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
complete -F _hyperkit hyperkit
`

const zsh = `#compdef hyperkit
# zsh completion of hyperkit: hyperkit completion zsh > "\${fpath[1]}/_hyperkit"
_hyperkit() {
  local -a lines found
  local line
  lines=("\${(@f)$(hyperkit --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $lines[1] in
    :files) _files; return ;;
    :directories) _files -/; return ;;
  esac
  for line in $lines; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe 'hyperkit' found
}
if [[ $funcstack[1] == _hyperkit ]]; then _hyperkit "$@"; else compdef _hyperkit hyperkit; fi
`

const fish = `# fish completion of hyperkit: hyperkit completion fish | source
function __hyperkit_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (hyperkit --complete $words[2..-1] 2>/dev/null)
  switch "$lines[1]"
    case ':files' ':directories'
      __fish_complete_path (commandline -ct)
    case '*'
      printf '%s\\n' $lines
  end
end
complete -c hyperkit -f -a '(__hyperkit_complete)'
`

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish }

/**
 * What a shell reads to complete command lines: it asks the command itself, so that scripts and names are as they are then.
 *
 * @throws UsageError no such shell
 */
export function renderCompletion([shell = '', ...others]: readonly string[]): string {
  const text = scripts[shell]
  if (text !== undefined && others.length === 0) return text
  const near = nearestName(shell, Object.keys(scripts))
  throw new UsageError(
    `one shell is needed, ${Object.keys(scripts).join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`,
  )
}
